import { everyCustomer, newId } from '@throughline/kernel';
import { AuditEntry, Organisation } from '@throughline/schema/identity';
import { type TestContext, testModule } from '../../../../test/support/database.js';
import { keysetPage } from './keyset.js';
import { pageArgs } from './pages.js';

describe('keysetPage', () => {
  let context: TestContext;
  const names = ['Beta', 'alpha', 'Ärger', 'beta', 'Zeta', '%', "O'Hara", 'Zeta 2'];

  beforeAll(async () => {
    context = await testModule();
    await context.database.transaction(everyCustomer, async (em) => {
      for (const name of names) em.create(Organisation, { id: newId(), kind: 'customer', name });
      em.create(Organisation, { id: newId(), kind: 'partner', name: 'not in the list' });
    });
  });

  afterAll(() => context.close());

  const page = (first: number, after?: string | null) =>
    context.database.read(everyCustomer, (em) =>
      keysetPage(em, Organisation, {
        list: 'customers',
        where: { kind: 'customer' },
        sort: [
          { property: 'name', type: 'string', direction: 'asc' },
          { property: 'id', type: 'string', direction: 'asc' },
        ],
        page: pageArgs(first, after),
      }),
    );

  it.each([1, 2, 3, 7, 8, 9])('walks the whole list once in its order by pages of %s', async (first) => {
    const whole = (await page(100)).edges.map((edge) => edge.node.name);
    expect([...whole].sort()).toEqual([...names].sort());
    const seen: string[] = [];
    let after: string | null = null;
    for (let more = true; more; ) {
      const part: Awaited<ReturnType<typeof page>> = await page(first, after);
      expect(part.totalCount).toBe(names.length);
      seen.push(...part.edges.map((edge) => edge.node.name));
      after = part.pageInfo.endCursor;
      more = part.pageInfo.hasNextPage;
    }
    expect(seen).toEqual(whole);
  });

  it('keeps its place when rows before the cursor come and go', async () => {
    const [first] = (await page(1)).edges;
    const second = (await page(2)).edges[1];
    const id = newId();
    await context.database.transaction(everyCustomer, async (em) => {
      em.create(Organisation, { id, kind: 'customer', name: '!! first of all' });
    });
    expect((await page(1, first?.cursor)).edges[0]?.node.name).toBe(second?.node.name);
    await context.database.transaction(everyCustomer, (em) => em.nativeDelete(Organisation, { id }));
  });

  it('goes on behind a row that is gone', async () => {
    const all = (await page(100)).edges;
    const id = newId();
    await context.database.transaction(everyCustomer, async (em) => {
      em.create(Organisation, { id, kind: 'customer', name: `${all[0]?.node.name} again` });
    });
    const withIt = (await page(100)).edges.find((edge) => edge.node.id === id);
    await context.database.transaction(everyCustomer, (em) => em.nativeDelete(Organisation, { id }));
    const after = await page(100, withIt?.cursor);
    expect(after.edges.length).toBe(all.length - 1 - all.findIndex((edge) => edge.node.id === all[0]?.node.id));
  });

  it('sorts by instants, newest first', async () => {
    const at = [1, 3, 2].map((hour) => new Date(Date.UTC(2026, 0, 1, hour)));
    await context.database.transaction(everyCustomer, async (em) => {
      for (const instant of at)
        em.create(AuditEntry, {
          id: newId(),
          at: instant,
          actorKind: 'system',
          action: 'x',
          outcome: 'done',
          detail: {},
        });
    });
    const read = (after?: string | null) =>
      context.database.read(everyCustomer, (em) =>
        keysetPage(em, AuditEntry, {
          list: 'trail',
          sort: [
            { property: 'at', type: 'date', direction: 'desc' },
            { property: 'id', type: 'string', direction: 'asc' },
          ],
          page: pageArgs(2, after),
        }),
      );
    const one = await read();
    const two = await read(one.pageInfo.endCursor);
    expect([...one.edges, ...two.edges].map((edge) => edge.node.at.getUTCHours())).toEqual([3, 2, 1]);
  });
});
