import { EndInstallation, InstallDevice, RecordFirmware } from '@throughline/fleet';
import { systemScope } from '@throughline/identity';
import { everyCustomer, onlyCustomers } from '@throughline/platform';
import { type Fleet, fleet } from '../../../test/fixture.js';
import type { ShadowUpdate } from '../../domain/shadow/request.js';
import { HISTORY_KEPT, ShadowStore } from '../../storage/shadow.store.js';
import { DeleteShadow } from './delete-shadow.js';
import { DiscardShadow } from './discard-shadow.js';
import { GetShadow } from './get-shadow.js';
import { ReportShadow } from './report-shadow.js';
import { SetDesired } from './set-desired.js';
import type { ShadowKey } from './shadow-heads.js';
import { Shadows } from './shadows.js';
import type { UpdatedShadow } from './update-shadow.js';

let f: Fleet;
beforeAll(async () => {
  f = await fleet();
});
afterAll(() => f.close());
beforeEach(() => f.clock.set(new Date('2026-03-02T08:00:00Z')));

const HOUR = 3_600_000;
const later = (ms: number) => f.clock.set(new Date(f.clock.now().getTime() + ms));
const key = async (thingName: string, name = ''): Promise<ShadowKey> => ({
  deviceId: (await f.device(thingName)).id,
  thingName,
  name,
});
const byDevice = ({ deviceId, thingName }: ShadowKey) => ({ kind: 'device', id: deviceId, name: thingName }) as const;
const update = (of: ShadowKey, state: ShadowUpdate['state'], version?: number) =>
  f.module.get(ReportShadow).run(of, { state, ...(version === undefined ? {} : { version }) }, byDevice(of));
const remove = (of: ShadowKey) => f.module.get(DeleteShadow).run(everyCustomer, of, byDevice(of));
const get = async (of: ShadowKey) => (await f.module.get(GetShadow).run(everyCustomer, of)).shadow;
const view = ({ deviceId, name }: ShadowKey) => f.module.get(Shadows).find(everyCustomer, deviceId, name);
const history = async ({ deviceId, name }: ShadowKey) =>
  (await f.module.get(Shadows).history(everyCustomer, { deviceId, name }, { first: 100, after: undefined })).edges.map(
    ({ node }) => [node.version, node.desired, node.author.kind],
  );
const rowsOf = ({ deviceId }: ShadowKey) => f.rows('select * from shadow where device_id = ?', [deviceId]);
const downlink = () =>
  f
    .rows<{ topic: string; payload: Buffer }>('select topic, payload from downlink order by id')
    .then((rows) => rows.map(({ topic, payload }) => ({ topic, body: JSON.parse(payload.toString()) })));

describe('a shadow', () => {
  it('says what firmware the device runs, also the same again after it was said to be another', async () => {
    const it = await key('runs');
    const runs = async () => {
      const [row] = await f.rows<{ firmware_version: string | null; firmware_key: string }>(
        'select d.firmware_version, i.firmware_key from device d join device_index i on i.device_id = d.id where d.id = ?',
        [it.deviceId],
      );
      return row;
    };
    await update(it, { reported: { firmware: { version: '1.0.0' }, temperature: 3 } });
    const first = await runs();
    expect(first?.firmware_version).toBe('1.0.0');
    await f.module.get(RecordFirmware).run(it.deviceId, '2.0.0');
    await update(it, { reported: { temperature: 4 } });
    expect((await runs())?.firmware_version).toBe('2.0.0');
    await update(it, { reported: { firmware: { version: '1.0.0' } } });
    expect(await runs()).toEqual(first);
    await expect(update(it, { reported: { firmware: { version: '3.0.0' } } }, 1)).rejects.toMatchObject({ code: 409 });
    expect(await runs()).toEqual(first);
  });

  it('of many devices that report at once is what it would be one by one, and a refusal is of its update alone', async () => {
    const keys = await Promise.all(Array.from({ length: 30 }, (_, i) => key(`many-${i}`, i % 3 === 0 ? 'own' : '')));
    const settled: { i: number; outcome: PromiseSettledResult<UpdatedShadow> }[] = [];
    // One device's requests take turns, those of many do not.
    for (const round of [0, 1, 2, 3, 4]) {
      const asked = keys.map((it, i) => {
        const reported = { round, ...(i % 5 === 1 && round > 2 ? { firmwareVersion: '1.1' } : {}) };
        const desired = i % 7 === 2 && round === 3 ? { desired: { mode: i } } : {};
        return update(it, { reported, ...desired }, i % 4 === 3 && round > 0 ? 77 : undefined);
      });
      settled.push(...(await Promise.allSettled(asked)).map((outcome, i) => ({ i, outcome })));
    }
    for (const [i, it] of keys.entries()) {
      const own = settled.filter((s) => s.i === i).map((s) => s.outcome);
      const versions = own.flatMap((s) => (s.status === 'fulfilled' ? [s.value.current.version] : []));
      const refused = own.filter((s) => s.status === 'rejected').map((s) => s.reason.code);
      expect(refused).toEqual(i % 4 === 3 ? [409, 409, 409, 409] : []);
      expect(versions.sort((a, b) => a - b)).toEqual(i % 4 === 3 ? [1] : [1, 2, 3, 4, 5]);
      expect((await get(it)).version).toBe(versions.length);
      expect(await history(it)).toHaveLength(i % 7 === 2 && i % 4 !== 3 ? 1 : 0);
    }
  });

  it('is made, changed, read and deleted, and goes on counting for 48 hours', async () => {
    const it = await key('life');
    await expect(get(it)).rejects.toMatchObject({ code: 404, message: "No shadow exists with name: 'life'" });
    expect((await update(it, { desired: { a: 1, b: { c: [1] } } })).previous).toBeUndefined();
    later(2_500);
    const { previous, current } = await update(it, { reported: { a: 1 }, desired: { b: { c: null, d: 1.5 } } }, 1);
    expect(previous?.version).toBe(1);
    expect(current).toEqual(await get(it));
    const at = Date.parse('2026-03-02T08:00:00Z') / 1_000;
    expect(await view(it)).toEqual({
      deviceId: it.deviceId,
      name: '',
      version: 2,
      desired: { a: 1, b: { d: 1.5 } },
      reported: { a: 1 },
      delta: { b: { d: 1.5 } },
      metadata: {
        desired: { a: { timestamp: at }, b: { d: { timestamp: at + 2 } } },
        reported: { a: { timestamp: at + 2 } },
      },
      updatedAt: f.clock.now(),
    });
    expect((await remove(it)).version).toBe(2);
    await expect(get(it)).rejects.toMatchObject({ code: 404 });
    await expect(remove(it)).rejects.toMatchObject({ code: 404 });
    expect(await view(it)).toBeUndefined();
    later(48 * HOUR - 1);
    expect((await update(it, { desired: { z: 1 } })).current).toMatchObject({
      version: 3,
      desired: { state: { z: 1 } },
    });
    await remove(it);
    later(48 * HOUR);
    expect((await update(it, {})).current).toEqual({ version: 1 });
  });

  it('of another name has its own document and version', async () => {
    const classic = await key('named');
    const named = { ...classic, name: 'config' };
    await update(classic, { desired: { a: 1 } });
    await update(classic, { desired: { a: 2 } });
    await update(named, { desired: { b: 1 } });
    expect([(await get(classic)).version, (await get(named)).version]).toEqual([2, 1]);
    await remove(named);
    expect((await get(classic)).desired?.state).toEqual({ a: 2 });
    await expect(get(named)).rejects.toMatchObject({ message: "No shadow exists with name: 'config'" });
  });

  it('keeps keys and texts exactly, also hostile ones', async () => {
    const it = await key('exact');
    const desired = JSON.parse(
      '{"__proto__":{"x":1},"constructor":"c","":"empty","ü\\n":"😀","n":-0.1e-7,"big":9007199254740991}',
    );
    await update(it, { desired });
    expect(JSON.parse(JSON.stringify((await get(it)).desired?.state))).toEqual(desired);
    expect(JSON.stringify((await get(it)).desired?.state)).toContain('"__proto__":{"x":1}');
  });

  it('of a device that does not exist is not made', async () => {
    const nobody = { deviceId: '01900000-0000-7000-8000-000000000000', thingName: 'nobody', name: '' };
    await expect(update(nobody, { reported: { a: 1 } })).rejects.toMatchObject({
      code: 404,
      message: 'Thing not found',
    });
    await expect(remove(nobody)).rejects.toMatchObject({ message: 'Thing not found' });
  });
});

describe('a refused update', () => {
  it('leaves nothing, neither a row nor a version', async () => {
    const it = await key('refused');
    await expect(update(it, { desired: { a: 1 } }, 3)).rejects.toMatchObject({ code: 400, message: 'Invalid version' });
    await expect(update(it, { desired: { a: 'x'.repeat(9_000) } })).rejects.toMatchObject({ code: 413 });
    expect(await rowsOf(it)).toEqual([]);
    await update(it, { desired: { a: 'x'.repeat(8_000) } });
    const before = await rowsOf(it);
    later(5_000);
    await expect(update(it, { reported: { a: 'x'.repeat(300) } })).rejects.toMatchObject({ code: 413 });
    await expect(update(it, { desired: null }, 2)).rejects.toMatchObject({ code: 409, message: 'Version conflict' });
    expect(await rowsOf(it)).toEqual(before);
    expect(await history(it)).toHaveLength(1);
  });

  it('within a larger transaction that fails leaves nothing', async () => {
    const it = await key('rolled-back');
    await expect(
      f.database.transaction(everyCustomer, async () => {
        await update(it, { desired: { a: 1 } });
        await f.module.get(SetDesired).run(systemScope, { thingName: 'rolled-back', desired: { a: 2 } });
        throw new Error('later');
      }),
    ).rejects.toThrow('later');
    expect(await rowsOf(it)).toEqual([]);
    expect(await history(it)).toEqual([]);
    expect((await downlink()).filter(({ topic }) => topic.includes('rolled-back'))).toEqual([]);
  });
});

describe('updates at once', () => {
  it('each count, and none is lost, also those that create', async () => {
    const it = await key('busy');
    const N = 40;
    const results = await Promise.all(
      Array.from({ length: N }, (_, i) =>
        i % 4 === 0
          ? f.module.get(SetDesired).run(systemScope, { thingName: 'busy', desired: { [`k${i}`]: i } })
          : update(it, i % 2 === 0 ? { desired: { [`k${i}`]: i } } : { reported: { [`k${i}`]: i } }),
      ),
    );
    const versions = results.map((r) => ('current' in r ? r.current.version : r.version)).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: N }, (_, i) => i + 1));
    const { desired, reported, version } = await get(it);
    expect(version).toBe(N);
    expect(Object.keys({ ...desired?.state, ...reported?.state })).toHaveLength(N);
    expect((await history(it)).map(([v]) => v)).toHaveLength(N / 2);
  });

  it('that expect the same version succeed once', async () => {
    const it = await key('race');
    await update(it, {});
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) => update(it, { desired: { winner: i } }, 1)),
    );
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
    for (const r of results) if (r.status === 'rejected') expect(r.reason).toMatchObject({ code: 409 });
    expect((await get(it)).version).toBe(2);
  });

  it('and deletions and installations go through without a deadlock', async () => {
    const it = await key('mixed');
    const asset = await f.asset('SN-mixed');
    const work = Array.from({ length: 30 }, (_, i) =>
      i % 5 === 4
        ? remove(it).catch((e: { code: number }) => expect(e.code).toBe(404))
        : update(it, { desired: { i } }),
    );
    const install = f.module
      .get(InstallDevice)
      .run(everyCustomer, { deviceId: it.deviceId, assetId: asset.id, at: new Date('2026-03-01T00:00:00Z') });
    await Promise.all([...work, install]);
    await update(it, { desired: { last: true } });
    expect(await rowsOf(it)).toMatchObject([{ customer_id: f.acme.id }]);
  });
});

describe('the history', () => {
  it('has what was desired since when and by whom, newest first, and not what was reported', async () => {
    const it = await key('told');
    await update(it, { desired: { a: 1 } });
    await update(it, { desired: { a: 1 }, reported: { a: 1 } });
    await f.module.get(SetDesired).run(systemScope, { deviceId: it.deviceId, desired: { b: 2 } });
    await remove(it);
    await update(it, { reported: { a: 1 } });
    expect(await history(it)).toEqual([
      [3, null, 'device'],
      [3, { a: 1, b: 2 }, 'system'],
      [1, { a: 1 }, 'device'],
    ]);
    const page = (after?: string) => f.module.get(Shadows).history(everyCustomer, it, { first: 2, after });
    const first = await page();
    expect([first.totalCount, first.pageInfo.hasNextPage]).toEqual([3, true]);
    const second = await page(first.pageInfo.endCursor ?? undefined);
    expect(second.edges.map(({ node }) => node.version)).toEqual([1]);
  });

  it('keeps the latest changes only', async () => {
    const it = await key('chatty');
    await f.rows(
      `insert into shadow_history (device_id, name, version, desired, author_kind, author_id, author_name, at)
       select ?, '', 1000 + n, '{}', 'device', 'x', 'x', now() from generate_series(1, ?) n`,
      [it.deviceId, HISTORY_KEPT],
    );
    await update(it, { desired: { a: 1 } });
    const kept = await f.rows<{ n: number; oldest: string }>(
      'select count(*)::int as n, min(version) filter (where version > 1000) as oldest from shadow_history where device_id = ?',
      [it.deviceId],
    );
    expect(kept).toEqual([{ n: HISTORY_KEPT, oldest: '1002' }]);
    expect((await history(it))[0]).toEqual([1, { a: 1 }, 'device']);
  });
});

describe('from the API', () => {
  it('a device is told as of any other change, in the same transaction', async () => {
    const it = await key('remote');
    await update(it, { reported: { mode: 'eco' } });
    const set = await f.module
      .get(SetDesired)
      .run(systemScope, { thingName: 'remote', desired: { mode: 'boost' }, expectedVersion: 1 });
    expect(set).toMatchObject({ version: 2, desired: { mode: 'boost' }, delta: { mode: 'boost' } });
    const device = await f.module.get(DiscardShadow).run(systemScope, { deviceId: it.deviceId });
    expect(device.thingName).toBe('remote');
    const sent = (await downlink()).filter(({ topic }) => topic.includes('/remote/'));
    expect(sent.map(({ topic, body }) => [topic.replace('$aws/things/remote/shadow/', ''), body.version])).toEqual([
      ['update/delta', 2],
      ['update/documents', undefined],
      ['update/accepted', 2],
      ['delete/accepted', 2],
    ]);
    expect(sent[1]?.body).toMatchObject({ previous: { version: 1 }, current: { version: 2 } });
  });

  it.each<[string, object, string]>([
    ['another version', { thingName: 'api', desired: {}, expectedVersion: 9 }, 'STATE_CONFLICT'],
    ['version 0', { thingName: 'api', desired: {}, expectedVersion: 0 }, 'INVALID_INPUT'],
    ['no device', { desired: {} }, 'INVALID_INPUT'],
    ['two devices', { thingName: 'api', deviceId: 'x', desired: {} }, 'INVALID_INPUT'],
    ['an unknown thing', { thingName: 'nobody', desired: {} }, 'NOT_FOUND'],
    ['what is no id', { deviceId: 'nothing', desired: {} }, 'NOT_FOUND'],
    ['a bad name', { thingName: 'api', name: 'a/b', desired: {} }, 'INVALID_INPUT'],
    ['too much', { thingName: 'api', desired: { a: 'x'.repeat(9_000) } }, 'INVALID_INPUT'],
    ['null in an array', { thingName: 'api', desired: { a: [null] } }, 'INVALID_INPUT'],
  ])('refuses %s', async (_what, input, code) => {
    if ((await f.rows(`select 1 from device where thing_name = 'api'`)).length === 0)
      await update(await key('api'), {});
    await expect(f.module.get(SetDesired).run(systemScope, input as never)).rejects.toMatchObject({ code });
    await expect(
      f.module.get(DiscardShadow).run(systemScope, { thingName: 'api', name: 'none' }),
    ).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(
      await f.rows(`select version from shadow s join device d on d.id = s.device_id where thing_name = 'api'`),
    ).toEqual([{ version: '1' }]);
  });
});

describe('shadows of several devices', () => {
  it('are listed by name, the classic one first, in pages', async () => {
    const [a, b] = [await key('list-a'), await key('list-b')];
    for (const name of ['zeta', '', 'alpha', 'Beta']) await update({ ...a, name }, {});
    await update({ ...b, name: 'only' }, {});
    await update({ ...b, name: 'gone' }, {});
    await remove({ ...b, name: 'gone' });
    const pages = (first: number, after?: string) =>
      f.module.get(Shadows).pages(everyCustomer, [b.deviceId, a.deviceId], { first, after });
    const [ofB, ofA] = await pages(3);
    expect(ofB?.edges.map(({ node }) => node.name)).toEqual(['only']);
    expect([ofB?.totalCount, ofB?.pageInfo.hasNextPage]).toEqual([1, false]);
    expect(ofA?.edges.map(({ node }) => node.name)).toEqual(['', 'Beta', 'alpha']);
    expect([ofA?.totalCount, ofA?.pageInfo.hasNextPage]).toEqual([4, true]);
    const [, rest] = await pages(3, ofA?.pageInfo.endCursor ?? undefined);
    expect(rest?.edges.map(({ node }) => node.name)).toEqual(['zeta']);
  });

  it('are seen by the customer that has the device, the past by the one that had it', async () => {
    const it = await key('moving');
    const [mine, theirs] = [await f.asset('SN-mine', f.acme), await f.asset('SN-theirs', f.other)];
    const install = (assetId: string, at: string) =>
      f.module.get(InstallDevice).run(everyCustomer, { deviceId: it.deviceId, assetId, at: new Date(at) });
    await install(mine.id, '2026-03-01T00:00:00Z');
    await update(it, { desired: { a: 1 } });
    await f.module
      .get(EndInstallation)
      .run(everyCustomer, { deviceId: it.deviceId, at: new Date('2026-03-02T07:00:00Z') });
    await install(theirs.id, '2026-03-02T07:30:00Z');
    await update(it, { desired: { a: 2 } });
    const seen = async ({ id }: { id: string }) => {
      const scope = onlyCustomers([id]);
      const found = await f.module.get(Shadows).find(scope, it.deviceId, '');
      const past = await f.module.get(Shadows).history(scope, it, { first: 10, after: undefined });
      return [found?.version, past.edges.map(({ node }) => node.desired)];
    };
    expect(await seen(f.acme)).toEqual([undefined, [{ a: 1 }]]);
    expect(await seen(f.other)).toEqual([2, [{ a: 2 }]]);
  });

  it('that were deleted long ago are forgotten with the next deletion', async () => {
    const it = await key('tidy');
    for (const name of ['old', 'new', 'last']) await update({ ...it, name }, {});
    await remove({ ...it, name: 'old' });
    later(48 * HOUR);
    await remove({ ...it, name: 'new' });
    later(1);
    await remove({ ...it, name: 'last' });
    const names = await f.database.read(everyCustomer, async (em) =>
      Promise.all(
        ['old', 'new', 'last'].map((name) => f.module.get(ShadowStore, { strict: false }).find(em, { ...it, name })),
      ),
    );
    expect(names.map((row) => row?.name)).toEqual([undefined, 'new', 'last']);
  });
});
