import { type TestContext, testModule } from '../support/database.js';

describe('the migrated database', () => {
  let context: TestContext;

  beforeAll(async () => {
    context = await testModule();
  });

  afterAll(() => context.close());

  it('is what the entities describe', async () => {
    const sql = await context.database.mikroOrm.schema.getUpdateSchemaSQL({ wrap: false, safe: false });
    const statements = sql
      .split('\n')
      .filter((line) => line.trim() !== '' && !byHand.some((pattern) => pattern.test(line)));
    expect(statements).toEqual([]);
  });
});

/** What only the migration says and the entities do not, so that the comparison would take it away. */
const byHand = [
  /drop (index|constraint).*"(usage_window_one_current|installation_one_(asset|device)_a_time|contract_asset_one_contract_a_time|timeline_entry_one_belief)"/,
  /drop trigger.*(plan_version_frozen|plan_version_kept|audit_entry_append_only|contract_terms_frozen|command_definition_frozen)/,
  /drop function.*refuse_change/,
  /(plan_version_frozen|plan_version_kept|audit_entry_append_only|contract_terms_frozen|command_definition_frozen)_fn/,
  // PostgreSQL gives policies back in its own words; row-level-security.db.spec.ts proves what they do.
  /(create|drop) policy .*"(customer|system)_rows"/,
  /schema_migration/,
];
