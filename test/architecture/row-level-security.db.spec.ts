import { newId } from '@throughline/kernel';
import { type Database, type DataScope, everyCustomer, onlyCustomers } from '@throughline/platform';
import { entities } from '@throughline/schema';
import pg from 'pg';
import { type TestContext, testModule } from '../support/database.js';

interface Table {
  readonly name: string;
  /** Column that the policy compares with the customers one may see; none where only the system may see rows. */
  readonly column: string;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly generated: boolean;
}

/** Tables that name a customer or an organisation and need no policy, with the reason. */
const exceptions: Readonly<Record<string, string>> = {};

/** Tables that every caller may read, with the reason. */
const shared: Readonly<Record<string, string>> = {
  device_bulk: 'the manufacturer’s orders for many devices; permission decides',
  device_bulk_item: 'ids of devices of such an order; names and reasons are read through device',
  device_group: 'the manufacturer’s; permission decides',
  device_group_member: 'ids of devices in the manufacturer’s groups; who is in them is read from device_index',
  artefact: 'the manufacturer’s files for a model; permission decides',
  boot_progress: 'how far each device’s numbering got; read by ingest and the search for gaps only',
  command_definition: 'of a model',
  claim_batch: 'the manufacturer’s boards before they are anyone’s; permission decides',
  claim_serial: 'the manufacturer’s boards before they are anyone’s; permission decides',
  gateway: 'which gateways run',
  iot_job: 'the manufacturer’s; permission decides',
  installation_secret: 'sealed; of the installation',
  issued_certificate: 'read by provisioning only, never through the API',
  meter: 'of a model',
  model: 'the manufacturer’s catalogue',
  outbox: 'ids on their way to a job',
  downlink: 'messages to devices on their way to a gateway; nobody reads them through the API',
  plan: 'the manufacturer’s offers; permission decides',
  plan_version: 'the manufacturer’s offers; permission decides',
  provisioning_attempt: 'what boards asked before they were anyone’s; permission decides',
  provisioning_template: 'the manufacturer’s; permission decides',
  quarantine_task: 'the manufacturer’s orders for set-aside messages, and counts; permission decides',
  registered_ca: 'the manufacturer’s; permission decides',
  release: 'of a model; permission decides',
  release_artefact: 'of a model; permission decides',
  rollout: 'the manufacturer’s; permission decides',
  rollout_device: 'ids of devices and how far they are; seen by the manufacturer’s people only, who see every device',
  schema_migration: 'of the installation',
  sign_in_attempt: 'counted before anyone is known',
  telemetry_schema: 'of a model',
  tls_refusal: 'who was not let in, before anyone is known; permission decides',
  timeline_dirty: 'ids of assets that wait for their timeline',
  usage_dirty: 'ids of assets that wait for their usage',
};

const A = newId();
const B = newId();

describe('row-level security', () => {
  let context: TestContext;
  let owner: pg.Client;
  let tables: Table[];
  let systemTables: Table[];

  beforeAll(async () => {
    context = await testModule();
    owner = new pg.Client({ connectionString: context.url });
    await owner.connect();
    // Only the policies are looked at here, so rows need not fit together.
    await owner.query("set session_replication_role = 'replica'");
    const policies = await owner.query<{ name: string; expression: string }>(
      `select c.relname as name, pg_get_expr(p.polqual, p.polrelid) as expression
       from pg_policy p join pg_class c on c.oid = p.polrelid order by 1`,
    );
    const all = policies.rows.map(({ name, expression }) => ({
      name,
      column: /(\w+) = ANY/.exec(expression)?.[1] ?? '',
    }));
    tables = all.filter(({ column }) => column !== '');
    systemTables = all.filter(({ column }) => column === '');
    for (const table of systemTables) await insert(owner, table, A);
    for (const table of tables) for (const customer of [A, B]) await insert(owner, table, customer);
  });

  afterAll(async () => {
    await owner.end();
    await context.close();
  });

  it('is on and forced, with a policy, for every table that names a customer or an organisation', async () => {
    const { rows } = await owner.query<{ name: string; safe: boolean }>(
      `select c.relname as name, c.relrowsecurity and c.relforcerowsecurity
         and exists (select 1 from pg_policy p where p.polrelid = c.oid and p.polcmd = '*' and p.polwithcheck is not null) as safe
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind in ('r', 'p') and exists (
         select 1 from pg_attribute a where a.attrelid = c.oid and a.attname in ('customer_id', 'organisation_id') and not a.attisdropped)`,
    );
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter((row) => !row.safe && !(row.name in exceptions)).map((row) => row.name)).toEqual([]);
  });

  it('is on for every other table too, unless that one is known to hold no customer’s data', async () => {
    const { rows } = await owner.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)
         and not c.relispartition`,
    );
    expect(rows.map((row) => row.name).filter((name) => !(name in shared))).toEqual([]);
  });

  it('has no views, functions or roles that go around it', async () => {
    const views = await owner.query("select viewname from pg_views where schemaname = 'public'");
    expect(views.rows).toEqual([]);
    const definers = await owner.query(
      `select proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public' and p.prosecdef`,
    );
    expect(definers.rows).toEqual([]);
    const role = await owner.query(
      "select rolsuper, rolbypassrls, rolcanlogin, rolcreaterole from pg_roles where rolname = 'throughline_app'",
    );
    expect(role.rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcanlogin: false, rolcreaterole: false }]);
    const owned = await owner.query("select tablename from pg_tables where tableowner = 'throughline_app'");
    expect(owned.rows).toEqual([]);
  });

  it('shows a customer its own rows of every table, without any filter of the ORM', async () => {
    expect(tables.length).toBeGreaterThan(10);
    for (const table of tables) {
      expect({ table: table.name, sees: await seen(context.database, table, [A]) }).toEqual({
        table: table.name,
        sees: [A],
      });
      expect({ table: table.name, sees: await seen(context.database, table, [B]) }).toEqual({
        table: table.name,
        sees: [B],
      });
      expect(await seen(context.database, table, [A, B])).toEqual([A, B].sort());
      expect(await seen(context.database, table, [newId()])).toEqual([]);
      expect(await seen(context.database, table, [])).toEqual([]);
    }
  });

  it('shows no customer anything of the tables that are the system’s', async () => {
    for (const { name } of systemTables) {
      const count = (scope: DataScope) =>
        context.database.read(scope, (em) => em.execute<{ n: string }[]>(`select count(*)::text as n from ${name}`));
      expect(await count(onlyCustomers([A, B]))).toEqual([{ n: '0' }]);
      expect(await count(everyCustomer)).toEqual([{ n: '1' }]);
    }
  });

  it('shows everything to those who may see everything, and nothing to a connection that says nothing', async () => {
    const silent = new pg.Client({ connectionString: context.url });
    await silent.connect();
    await silent.query('set role throughline_app');
    for (const { name, column } of tables) {
      const all = await context.database.read(everyCustomer, (em) =>
        em.execute<{ id: string }[]>(`select ${column} as id from ${name}`),
      );
      expect(all.map((row) => row.id).sort()).toEqual([A, B].sort());
      expect((await silent.query(`select ${column} from ${name}`)).rows).toEqual([]);
    }
    await silent.end();
  });

  it('lets a customer write, change and remove no row of another', async () => {
    const intruder = new pg.Client({ connectionString: context.url });
    await intruder.connect();
    await intruder.query("set session_replication_role = 'replica'");
    await intruder.query('set role throughline_app');
    await intruder.query("select set_config('app.customers', $1, false)", [A]);
    for (const table of tables) {
      const { name, column } = table;
      await expect(insert(intruder, table, B)).rejects.toThrow(/row-level security/);
      await expect(intruder.query(`update ${name} set ${column} = $1`, [B])).rejects.toThrow(/row-level security/);
      expect(
        (await intruder.query(`update ${name} set ${column} = ${column} where ${column} = $1`, [B])).rowCount,
      ).toBe(0);
      expect((await intruder.query(`delete from ${name} where ${column} = $1`, [B])).rowCount).toBe(0);
    }
    await intruder.end();
    for (const table of tables) expect(await seen(context.database, table, [B])).toEqual([B]);
  });

  it('holds for every entity of the ORM, with its filters switched off', async () => {
    const orm = context.database.mikroOrm;
    let filtered = 0;
    for (const entity of entities) {
      const meta = orm.getMetadata().get(entity as never);
      const table = tables.find(({ name }) => name === meta.tableName);
      expect({ entity: meta.className, filter: Object.keys(meta.filters ?? {}).includes('customer') }).toEqual({
        entity: meta.className,
        filter: table !== undefined,
      });
      if (!table) continue;
      filtered += 1;
      const count = (filters: boolean) =>
        context.database.read(onlyCustomers([A]), (em) =>
          em.count(entity as never, {}, filters ? {} : { filters: false }),
        );
      expect({ entity: meta.className, rows: [await count(true), await count(false)] }).toEqual({
        entity: meta.className,
        rows: [1, 1],
      });
    }
    expect(filtered).toBe(tables.length);
  });
});

/** Customers whose rows of a table a caller sees. */
async function seen(database: Database, { name, column }: Table, customers: string[]): Promise<string[]> {
  const rows = await database.read(onlyCustomers(customers), (em) =>
    em.execute<{ id: string }[]>(`select ${column} as id from ${name} order by 1`),
  );
  return rows.map((row) => row.id);
}

/** A row of a customer with values made up from the columns' types. */
async function insert(client: pg.Client, { name, column }: Table, customer: string): Promise<void> {
  const columns = await client.query<Column>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
       a.attidentity <> '' or a.attgenerated <> '' or coalesce(pg_get_expr(d.adbin, d.adrelid), '') like 'nextval%' as generated
     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped`,
    [name],
  );
  const checks = await client.query<{ text: string }>(
    "select pg_get_constraintdef(oid) as text from pg_constraint where conrelid = $1::regclass and contype = 'c'",
    [name],
  );
  const given = columns.rows.filter((c) => c.name === column || (!c.nullable && !c.generated));
  const values = given.map((c) =>
    c.name === column
      ? customer
      : made(
          c,
          checks.rows.map((row) => row.text),
        ),
  );
  await client.query(
    `insert into ${name} (${given.map((c) => `"${c.name}"`).join(', ')}) values (${given.map((_, i) => `$${i + 1}`).join(', ')})`,
    values,
  );
}

function made({ name, type }: Column, checks: readonly string[]): unknown {
  const choices = checks.find((text) => new RegExp(`\\(\\(?"?${name}"?\\)?(::text)? = ANY`).test(text));
  const choice = choices && /'([^']+)'/.exec(choices)?.[1];
  if (choice) return choice;
  if (type.endsWith('[]')) return '{}';
  if (type === 'uuid') return newId();
  if (type === 'jsonb') return '{}';
  if (type === 'boolean') return false;
  if (type.startsWith('timestamp')) return '2026-03-02T08:00:00Z';
  if (type === 'bytea') return Buffer.from('x');
  if (/^(smallint|integer|bigint|numeric|double|real)/.test(type)) return 1;
  return newId().slice(-Math.min(8, Number(/\((\d+)\)/.exec(type)?.[1] ?? 8)));
}
