import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));
delete swc.$schema;

/** Sources are tested as they are: the `source` condition of every package's exports map leads to TypeScript. */
const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, sourceMaps: 'inline' }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['/dist/'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/apps/portal/'],
};

export default {
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['**/*.spec.ts'],
      testPathIgnorePatterns: [
        ...base.testPathIgnorePatterns,
        '\\.db\\.spec\\.ts$',
        '<rootDir>/test/(scenarios|crash|portal|load|production)/',
      ],
    },
    {
      ...base,
      displayName: 'db',
      testMatch: ['**/*.db.spec.ts'],
      testPathIgnorePatterns: [...base.testPathIgnorePatterns, '<rootDir>/test/conformance/'],
      globalSetup: '<rootDir>/test/support/start-postgres.mjs',
      globalTeardown: '<rootDir>/test/support/stop-postgres.mjs',
    },
    {
      ...base,
      displayName: 'scenario',
      testMatch: ['<rootDir>/test/scenarios/truth.spec.ts'],
      globalSetup: '<rootDir>/test/support/start-postgres.mjs',
      globalTeardown: '<rootDir>/test/support/stop-postgres.mjs',
    },
    // Run by scripts of their own: they take minutes.
    {
      ...base,
      displayName: 'conformance',
      testMatch: ['<rootDir>/test/conformance/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/support/start-postgres.mjs',
      globalTeardown: '<rootDir>/test/support/stop-postgres.mjs',
    },
    {
      ...base,
      displayName: 'crash',
      testMatch: ['<rootDir>/test/crash/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/support/start-postgres.mjs',
      globalTeardown: '<rootDir>/test/support/stop-postgres.mjs',
    },
    {
      ...base,
      displayName: 'month',
      testMatch: ['<rootDir>/test/scenarios/month-of-air.spec.ts'],
      globalSetup: '<rootDir>/test/support/start-postgres.mjs',
      globalTeardown: '<rootDir>/test/support/stop-postgres.mjs',
    },
    // These need Chromium, or Redis and Mosquitto, on the machine.
    { ...base, displayName: 'portal', testMatch: ['<rootDir>/test/portal/**/*.spec.ts'] },
    { ...base, displayName: 'production', testMatch: ['<rootDir>/test/production/**/*.spec.ts'] },
  ],
  testTimeout: 30_000,
  // Half a second is too short for a busy machine: processes that had nothing open were said to leak.
  workerGracefulExitTimeout: 5_000,
  // Jest leaves one core free by default; and many tests wait (for a retry, a broker, a disk), so two more than there are cores.
  maxWorkers: availableParallelism() + 2,
};
