import { readFileSync } from 'node:fs';
import { costOf, requestLimits, textFaults } from '@throughline/platform';
import { buildSchema, Kind, parse, validate } from 'graphql';
import { type DocumentText, sourceOf } from '../../apps/portal/src/api/graphql.js';
import * as assets from '../../apps/portal/src/api/operations/assets.js';
import * as commands from '../../apps/portal/src/api/operations/commands.js';
import * as diagnostics from '../../apps/portal/src/api/operations/diagnostics.js';
import * as finance from '../../apps/portal/src/api/operations/finance.js';
import * as fleet from '../../apps/portal/src/api/operations/fleet.js';
import * as groups from '../../apps/portal/src/api/operations/groups.js';
import * as jobs from '../../apps/portal/src/api/operations/jobs.js';
import * as live from '../../apps/portal/src/api/operations/live.js';
import * as provisioning from '../../apps/portal/src/api/operations/provisioning.js';
import * as shadow from '../../apps/portal/src/api/operations/shadow.js';
import * as statements from '../../apps/portal/src/api/operations/statements.js';
import * as updates from '../../apps/portal/src/api/operations/updates.js';
import * as viewer from '../../apps/portal/src/api/operations/viewer.js';

const schema = buildSchema(readFileSync(new URL('../../apps/api/schema.graphql', import.meta.url), 'utf8'));

/** Page sizes the portal asks for where they are not 100. */
const pages: Record<string, number> = {
  assetGuaranteesQuery: 50,
  assetStripsQuery: 25,
  accruedQuery: 20,
  evidenceWindowsQuery: 50,
  evidenceIntervalsQuery: 50,
  evidenceMessagesQuery: 50,
  searchQuery: 50,
  groupQuery: 50,
  recentRunsQuery: 50,
  rolloutsQuery: 50,
  rolloutDevicesQuery: 50,
  attemptsQuery: 50,
  assetRunsQuery: 5,
  assetChoicesQuery: 50,
};

const operations = Object.entries({
  ...assets,
  ...commands,
  ...diagnostics,
  ...finance,
  ...fleet,
  ...groups,
  ...jobs,
  ...live,
  ...provisioning,
  ...shadow,
  ...statements,
  ...updates,
  ...viewer,
})
  .map(([name, document]) => ({ name, document: document as unknown as DocumentText }))
  .filter(({ document }) => /^\s*(query|mutation|subscription)\b/.test(document.text));

describe('what the portal asks', () => {
  it('covers the pages', () => {
    expect(operations.length).toBeGreaterThan(25);
  });

  it.each(operations)('$name fits the committed schema and the limits of a request', ({ name, document }) => {
    const parsed = parse(sourceOf(document));
    expect(validate(schema, parsed).map((error) => error.message)).toEqual([]);
    expect(textFaults(parsed).map((fault) => fault.message)).toEqual([]);
    const operation = parsed.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    if (!operation) throw new Error(`${name} holds no operation`);
    expect(costOf(schema, parsed, operation, { first: pages[name] ?? 100 })).toBeLessThanOrEqual(requestLimits.cost);
  });
});
