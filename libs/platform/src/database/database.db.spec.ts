import { everyCustomer, newId, onlyCustomers } from '@throughline/kernel';
import { Organisation, Site } from '@throughline/schema/identity';
import { type TestContext, testModule } from '../../../../test/support/database.js';

describe('Database', () => {
  let context: TestContext;
  const a = newId();
  const b = newId();

  beforeAll(async () => {
    context = await testModule();
    await context.database.transaction(everyCustomer, async (em) => {
      em.create(Organisation, { id: a, kind: 'customer', name: 'A' });
      em.create(Organisation, { id: b, kind: 'customer', name: 'B' });
      em.create(Site, { id: newId(), customerId: a, name: 'of A', timeZone: 'UTC' });
      em.create(Site, { id: newId(), customerId: b, name: 'of B', timeZone: 'UTC' });
    });
  });

  afterAll(() => context.close());

  it('shows a customer its own rows, by the filter and by row-level security alone', async () => {
    const filtered = await context.database.read(onlyCustomers([a]), (em) => em.find(Site, {}));
    expect(filtered.map((s) => s.name)).toEqual(['of A']);
    const raw = await context.database.read(onlyCustomers([a]), (em) =>
      em.execute<{ name: string }[]>('select name from site'),
    );
    expect(raw).toEqual([{ name: 'of A' }]);
    const unfiltered = await context.database.read(onlyCustomers([b]), (em) => em.find(Site, {}, { filters: false }));
    expect(unfiltered.map((s) => s.name)).toEqual(['of B']);
  });

  it('refuses to write a row of another customer', async () => {
    const write = context.database.transaction(onlyCustomers([a]), async (em) => {
      em.create(Site, { id: newId(), customerId: b, name: 'smuggled', timeZone: 'UTC' });
    });
    await expect(write).rejects.toThrow(/row-level security/);
  });

  it('rolls everything back when the work fails', async () => {
    const id = newId();
    const failing = context.database.transaction(everyCustomer, async (em) => {
      em.create(Organisation, { id, kind: 'customer', name: 'never' });
      await em.flush();
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    expect(await context.database.read(everyCustomer, (em) => em.count(Organisation, { id }))).toBe(0);
  });

  it('joins the outer transaction and refuses a wider scope inside it', async () => {
    const id = newId();
    const outer = context.database.transaction(everyCustomer, async () => {
      await context.database.transaction(onlyCustomers([id]), async (em) => {
        em.create(Organisation, { id, kind: 'customer', name: 'joined' });
      });
      throw new Error('undo');
    });
    await expect(outer).rejects.toThrow('undo');
    expect(await context.database.read(everyCustomer, (em) => em.count(Organisation, { id }))).toBe(0);
    const widening = context.database.read(onlyCustomers([a]), () =>
      context.database.read(everyCustomer, async () => 1),
    );
    await expect(widening).rejects.toThrow(/more customers/);
  });

  it('runs as a role that cannot bypass row-level security, and refuses writes when reading', async () => {
    const role = await context.database.read(everyCustomer, (em) =>
      em.execute<{ name: string; bypass: boolean }[]>(
        'select rolname as name, rolbypassrls or rolsuper as bypass from pg_roles where rolname = current_user',
      ),
    );
    expect(role).toEqual([{ name: 'throughline_app', bypass: false }]);
    await expect(
      context.database.read(everyCustomer, (em) => em.execute("update organisation set name = 'x'")),
    ).rejects.toThrow(/read-only/);
  });
});
