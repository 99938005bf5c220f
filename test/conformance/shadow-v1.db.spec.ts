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

describe('thingShadow of aws-iot-device-sdk (v1)', () => {
  it('registers, updates, gets, deletes, and hears what others change', async () => {
    const setting = await settingFor(w, 'rx90-v1');
    const told = await runClient('./shadow-v1.mjs', setting, async (what) => {
      const { thingName } = setting;
      if (what === 'set desired')
        await w.module.get(SetDesired).run(systemScope, { thingName, desired: { mode: 'night' } });
      // Behind its back, as when it missed a message.
      else
        await w.rows(
          'update shadow set version = version + 7 where device_id = (select id from device where thing_name = ?)',
          [thingName],
        );
    });
    const timestamp = w.now / 1_000;
    const t = { timestamp };
    const accepted = (body: object) => ({ status: 'accepted', clientToken: expect.any(String), sameToken: true, body });
    const rejected = (body: object) => ({ ...accepted(body), status: 'rejected' });
    const both = { desired: { mode: 'boost' }, reported: { mode: 'eco' } };
    const bothTimes = { desired: { mode: t }, reported: { mode: t } };
    const none = { code: 404, message: "No shadow exists with name: 'rx90-v1'", timestamp };
    const reporting = (mode: string, version: number) =>
      accepted({ state: { reported: { mode } }, metadata: { reported: { mode: t } }, version, timestamp });
    expect(told).toEqual({
      register: {},
      'get of none': rejected(none),
      update: accepted({ state: both, metadata: bothTimes, version: 1, timestamp }),
      delta: { state: { mode: 'boost' }, metadata: { mode: t }, version: 1, timestamp },
      get: accepted({
        state: { ...both, delta: { mode: 'boost' } },
        metadata: { ...bothTimes, delta: { mode: t } },
        version: 1,
        timestamp,
      }),
      report: reporting('boost', 2),
      'foreign update': {
        operation: 'update',
        body: { state: { desired: { mode: 'night' } }, metadata: { desired: { mode: t } }, version: 3, timestamp },
      },
      'delta from elsewhere': { state: { mode: 'night' }, metadata: { mode: t }, version: 3, timestamp },
      'update after it': reporting('night', 4),
      delete: accepted({ version: 4, timestamp }),
      'get after delete': rejected(none),
      'made again': reporting('eco', 5),
      conflict: rejected({ code: 409, message: 'Version conflict', timestamp }),
      finished: true,
    });
  }, 60_000);
});
