/**
 * The libs in their one order: a lib may import only libs above it. The boundary rules are made from this list; the table in
 * ARCHITECTURE.md says what each lib owns.
 */
export const libs = [
  'kernel',
  'platform',
  'identity',
  'fleet',
  'telemetry',
  'diagnostics',
  'availability',
  'metering',
  'contracts',
  'rating',
  'billing',
  'ota',
];

/** Doors of a lib that only apps (and libs' own GraphQL types among themselves) may use. */
export const staffDoors = ['graphql', 'jobs', 'mqtt', 'http'];

/** Packages of vendors, and the one place each may be used. */
export const vendors = [
  { package: '^stripe$', allowed: '^(libs/billing/src/outbound/|libs/billing/test/|test/)' },
  { package: '^aws-iot-device-sdk-v2$', allowed: '^(apps/device|test/)' },
  { package: '^@aws-sdk$', allowed: '^libs/fleet/(src/outbound/aws-iot/|test/)' },
  { package: '^(bullmq|ioredis)$', allowed: '^libs/platform/' },
  { package: '^(mqtt|aedes)$', allowed: '^(apps/gateway|libs/platform|apps/device/test/|test/)' },
  {
    package: '^pg$',
    allowed:
      '^(libs/platform/|libs/telemetry/src/(storage|application/ingest)|apps/cli/src/embedded|apps/gateway/src/listeners/broker-responder|test/)',
  },
];
