import { everyCustomer, onlyCustomers } from '@throughline/platform';
import { type Fleet, fleet } from '../../../test/fixture.js';
import { DeviceBulkStore } from '../../storage/device-bulk.store.js';
import { SearchDevices } from '../search-devices.js';
import { OrderDeviceBulk } from './order-device-bulk.js';
import { RunDeviceBulk } from './run-device-bulk.js';

const never = new AbortController().signal;
const many = 450;
let f: Fleet;
beforeAll(async () => {
  f = await fleet();
  await f.rows(
    `insert into device (id, thing_name, model_id, state, created_at, tags)
     select gen_random_uuid(), 'many-' || lpad(n::text, 3, '0'), ?, case when n = 7 then 'retired' else 'active' end, now(), '{}'
     from generate_series(1, ?) n`,
    [f.model.id, many],
  );
});
afterAll(() => f.close());

const things = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `many-${String(from + i).padStart(3, '0')}`);
const found = async (query: string) =>
  (
    await f.module
      .get(SearchDevices)
      .page(everyCustomer, query, { by: 'thingName', descending: false }, { first: 100, after: undefined })
  ).edges.length;

describe('a change of many devices', () => {
  it('is done part by part, goes on after a killed worker, and says which could not be', async () => {
    const [order, run] = [f.module.get(OrderDeviceBulk), f.module.get(RunDeviceBulk)];
    const target = { things: things(1, many) };
    const { id, total } = await order.run(everyCustomer, target, { action: 'quarantine', tags: null }, 'Ann');
    expect(total).toBe(many);
    // The second part is rolled back as by a worker that dies in it.
    const store = f.module.get(DeviceBulkStore, { strict: false });
    const settle = store.settle.bind(store);
    let parts = 0;
    store.settle = async (...all) => {
      parts += 1;
      if (parts === 2) throw new Error('killed');
      return settle(...all);
    };
    await expect(run.run(id, never)).rejects.toThrow('killed');
    store.settle = settle;
    const state = async () =>
      f.rows<{ state: string; n: number }>(
        'select state, count(*)::int as n from device group by state order by state',
      );
    expect(await order.find(everyCustomer, id)).toMatchObject({ done: 199, failed: 1, finishedAt: null });
    expect(await state()).toEqual([
      { state: 'active', n: 250 },
      { state: 'quarantined', n: 199 },
      { state: 'retired', n: 1 },
    ]);
    await run.run(id, never);
    expect(await order.find(everyCustomer, id)).toMatchObject({ done: many - 1, failed: 1, finishedAt: f.clock.now() });
    expect(await order.failures(everyCustomer, id)).toEqual([
      expect.objectContaining({ thingName: 'many-007', reason: 'it is retired and cannot be quarantined' }),
    ]);
    // Each device's change is told of once, and is found by the search.
    expect(await f.events('fleet.device-state-changed')).toHaveLength(many - 1);
    expect(await found('state:quarantined AND thingName:many-1*')).toBe(100);
    await run.run(id, never);
    expect(await f.events('fleet.device-state-changed')).toHaveLength(many - 1);
  });

  it('releases those that are quarantined, and sets and removes tags', async () => {
    const [order, run] = [f.module.get(OrderDeviceBulk), f.module.get(RunDeviceBulk)];
    const released = await order.run(everyCustomer, { things: things(6, 8) }, { action: 'release', tags: null }, 'Ann');
    await run.run(released.id, never);
    expect(await order.find(everyCustomer, released.id)).toMatchObject({ done: 2, failed: 1 });
    const tag = async (tags: Record<string, string | null>, target = { things: things(1, 3) }) => {
      const { id } = await order.run(everyCustomer, target, { action: 'set_tags', tags }, 'Ann');
      await run.run(id, never);
    };
    await tag({ lot: '7', hall: 'east' });
    await tag({ lot: null }, { things: things(2, 2) });
    expect(await f.rows(`select tags from device where thing_name < 'many-004' order by thing_name`)).toEqual([
      { tags: { lot: '7', hall: 'east' } },
      { tags: { hall: 'east' } },
      { tags: { lot: '7', hall: 'east' } },
    ]);
    expect(await found('tags.lot:7')).toBe(2);
  });

  it('is refused for nobody, for tags that nobody could take, and for devices of others', async () => {
    const order = f.module.get(OrderDeviceBulk);
    const change = { action: 'set_tags', tags: { lot: '7' } } as const;
    await expect(order.run(everyCustomer, { query: 'tags.none:x' }, change, 'Ann')).rejects.toThrow(
      'must mean a device',
    );
    await expect(
      order.run(everyCustomer, { things: things(1, 1) }, { action: 'set_tags', tags: { 'a b': '' } }, 'Ann'),
    ).rejects.toThrow('a tag has a key');
    await expect(order.run(onlyCustomers([f.acme.id]), { things: things(1, 1) }, change, 'Ann')).rejects.toThrow(
      'do not exist or are not yours',
    );
  });
});
