import { SetDesired } from '@throughline/fleet';
import { systemScope } from '@throughline/identity';
import { type World, world } from '../../apps/gateway/test/world.js';
import { runClient } from './clients/run.js';
import { settingFor } from './clients/setting.js';

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

describe('the shadow client of aws-iot-device-sdk-v2', () => {
  it('finds classic and named shadows, streams and refusals as on AWS IoT', async () => {
    const told = await runClient('./shadow-v2.mjs', await settingFor(w, 'rx90-v2'), async () => {
      await w.module.get(SetDesired).run(systemScope, { thingName: 'rx90-v2', desired: { mode: 'night' } });
    });
    const timestamp = w.now / 1_000;
    const t = { timestamp };
    const clientToken = expect.any(String);
    const desired = { mode: 'boost', led: { r: 1, g: 2 }, list: [1, 2] };
    const times = { mode: t, led: { r: t, g: t }, list: [t, t] };
    const first = { desired, reported: { mode: 'eco', old: true } };
    const firstTimes = { desired: times, reported: { mode: t, old: t } };
    const refused = (code: number, message: string) => ({ refused: { code, message, timestamp, clientToken } });
    expect(told).toEqual({
      'get of none': refused(404, "No shadow exists with name: 'rx90-v2'"),
      'first update': { state: first, metadata: firstTimes, version: 1, timestamp, clientToken },
      'first delta': { state: desired, metadata: times, version: 1, timestamp, clientToken },
      'first documents': { current: { state: first, metadata: firstTimes, version: 1 }, timestamp, clientToken },
      get: {
        state: { ...first, delta: desired },
        metadata: { ...firstTimes, delta: times },
        version: 1,
        timestamp,
        clientToken,
      },
      report: {
        state: { reported: { ...desired, old: null } },
        metadata: { reported: { ...times, old: t } },
        version: 2,
        timestamp,
        clientToken,
      },
      'second documents': {
        previous: { state: first, metadata: firstTimes, version: 1 },
        current: { state: { desired, reported: desired }, metadata: { desired: times, reported: times }, version: 2 },
        timestamp,
        clientToken,
      },
      conflict: refused(409, 'Version conflict'),
      oversize: refused(413, 'The payload exceeds the maximum size allowed'),
      'null in array': refused(400, "State contains an invalid node: 'list'"),
      'no state': refused(400, 'Missing required node: state'),
      'delta from the API': { state: { mode: 'night' }, metadata: { mode: t }, version: 3, timestamp },
      'documents from the API': expect.objectContaining({
        current: expect.objectContaining({
          version: 3,
          state: { desired: { ...desired, mode: 'night' }, reported: desired },
        }),
      }),
      'get of no named': refused(404, "No shadow exists with name: 'config'"),
      'named update': {
        state: { desired: { level: 3 } },
        metadata: { desired: { level: t } },
        version: 1,
        timestamp,
        clientToken,
      },
      'named delta': { state: { level: 3 }, metadata: { level: t }, version: 1, timestamp, clientToken },
      'named documents': {
        current: { state: { desired: { level: 3 } }, metadata: { desired: { level: t } }, version: 1 },
        timestamp,
        clientToken,
      },
      'named get': {
        state: { desired: { level: 3 }, delta: { level: 3 } },
        metadata: { desired: { level: t }, delta: { level: t } },
        version: 1,
        timestamp,
        clientToken,
      },
      'named delete': { version: 1, timestamp, clientToken },
      'named delete again': refused(404, "No shadow exists with name: 'config'"),
      'named made again': expect.objectContaining({ version: 2 }),
      delete: { version: 3, timestamp, clientToken },
      'get after delete': refused(404, "No shadow exists with name: 'rx90-v2'"),
      'bad JSON': { code: 400, message: 'Invalid JSON', timestamp },
      'first again': expect.objectContaining({ version: 4 }),
      parallel: expect.any(Array),
      'deltas left': 0,
      'of another thing': { refused: expect.any(String) },
      finished: true,
    });
    const parallel = told.parallel as { version?: number }[];
    expect(parallel.map((answer) => answer.version ?? answer).sort()).toEqual([5, 6, 7, 8, 9]);
  }, 60_000);
});
