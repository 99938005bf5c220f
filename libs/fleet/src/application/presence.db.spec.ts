import {
  CloseLostSessions,
  Devices,
  type DisconnectReason,
  EndInstallation,
  InstallDevice,
  Presence,
  RecordConnect,
  RecordDisconnect,
  RecordGatewayAlive,
  RecordGatewayStopped,
} from '@throughline/fleet';
import { newId } from '@throughline/kernel';
import { everyCustomer, onlyCustomers } from '@throughline/platform';
import { type Fleet, fleet } from '../../test/fixture.js';

let f: Fleet;
beforeEach(async () => {
  sessions.clear();
  f = await fleet();
});
afterEach(() => f.close());

const T = (time: string): Date => new Date(`2026-03-02T${time}Z`);
const ms = (time: string): number => T(time).getTime();
const day = { from: Date.parse('2026-03-02T00:00:00Z'), to: Date.parse('2026-03-03T00:00:00Z') };

/** The newest session of each client. */
const sessions = new Map<string, string>();
const connect = async (thingName: string, at: string, more: { clientId?: string; gateway?: string } = {}) => {
  const client = { thingName, clientId: thingName, gateway: 'gw-1', remoteAddress: '192.0.2.7', at: T(at), ...more };
  const connected = await f.module.get(RecordConnect).run(client);
  sessions.set(client.clientId, connected.sessionId);
  return connected;
};
const disconnect = (
  thingName: string,
  at: string,
  reason: DisconnectReason = 'client_disconnect',
  sessionId = sessions.get(thingName) ?? newId(),
) => f.module.get(RecordDisconnect).run({ thingName, at: T(at), reason, sessionId });
const latest = async (deviceId: string) =>
  (await f.module.get(Presence).latestOfDevices(everyCustomer, [deviceId], 20)).map((p) => ({
    from: p.connectedAt.toISOString().slice(11, 19),
    to: p.disconnectedAt?.toISOString().slice(11, 19) ?? null,
    reason: p.reason,
  }));
const installed = async (thingName: string, customer = f.acme) => {
  const [asset, device] = [await f.asset(`SN-${thingName}`, customer), await f.device(thingName)];
  await f.module.get(InstallDevice).run(everyCustomer, { deviceId: device.id, assetId: asset.id, at: T('00:00:00') });
  return { asset, device };
};

describe('presence', () => {
  it('is an interval a connection; the first one makes a claimed device active', async () => {
    const { asset, device } = await installed('rx-1');
    await connect('rx-1', '01:00:00');
    expect(await latest(device.id)).toEqual([{ from: '01:00:00', to: null, reason: null }]);
    expect(await f.module.get(Devices).get(everyCustomer, device.id)).toMatchObject({
      state: 'active',
      lastSeenAt: T('01:00:00'),
    });
    expect(await f.module.get(Presence).connected(everyCustomer, [device.id])).toEqual(new Set([device.id]));
    await disconnect('rx-1', '02:00:00', 'keep_alive_timeout');
    await connect('rx-1', '03:00:00');
    await disconnect('rx-1', '04:00:00');
    expect(await latest(device.id)).toEqual([
      { from: '03:00:00', to: '04:00:00', reason: 'client_disconnect' },
      { from: '01:00:00', to: '02:00:00', reason: 'keep_alive_timeout' },
    ]);
    expect(await f.module.get(Presence).connected(everyCustomer, [device.id])).toEqual(new Set());
    expect(await f.events('fleet.presence-changed')).toEqual(
      ['01:00:00', '02:00:00', '03:00:00', '04:00:00'].map((at) => ({
        deviceId: device.id,
        assetId: asset.id,
        from: ms(at),
        to: null,
      })),
    );
  });

  it('knows nobody it was not told of, and is not ended twice', async () => {
    await expect(connect('nobody', '01:00:00')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(disconnect('nobody', '01:00:00')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const device = await f.device('rx-1');
    await disconnect('rx-1', '01:00:00');
    await connect('rx-1', '02:00:00');
    await disconnect('rx-1', '03:00:00');
    await disconnect('rx-1', '04:00:00', 'connection_lost');
    expect(await latest(device.id)).toEqual([{ from: '02:00:00', to: '03:00:00', reason: 'client_disconnect' }]);
    expect(await f.events('fleet.presence-changed')).toEqual([
      { deviceId: device.id, from: ms('02:00:00'), to: null },
      { deviceId: device.id, from: ms('03:00:00'), to: null },
    ]);
  });

  it('of a client that comes back without having left is taken over, and the late news of the old end changes nothing', async () => {
    const device = await f.device('rx-1');
    const first = await connect('rx-1', '01:00:00');
    const second = await connect('rx-1', '02:00:00', { gateway: 'gw-2' });
    await disconnect('rx-1', '02:00:01', 'connection_lost', first.sessionId);
    expect(await latest(device.id)).toEqual([
      { from: '02:00:00', to: null, reason: null },
      { from: '01:00:00', to: '02:00:00', reason: 'taken_over' },
    ]);
    await disconnect('rx-1', '03:00:00', 'client_disconnect', second.sessionId);
    expect((await latest(device.id))[0]).toEqual({ from: '02:00:00', to: '03:00:00', reason: 'client_disconnect' });
  });

  it('of two clients of a device lasts until the last one left', async () => {
    const device = await f.device('rx-1');
    await connect('rx-1', '01:00:00');
    await connect('rx-1', '01:30:00', { clientId: 'rx-1-tool' });
    await disconnect('rx-1', '02:00:00');
    expect(await f.module.get(Presence).connected(everyCustomer, [device.id])).toEqual(new Set([device.id]));
  });

  it('of a whole fleet that comes and goes at once is what it would be one by one', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `fleet-${i}`);
    const devices = await Promise.all(
      names.map(async (name, i) => (i < 20 ? (await installed(name)).device : f.device(name))),
    );
    const first = await Promise.all(names.map((name, i) => connect(name, `01:00:${String(i % 60).padStart(2, '0')}`)));
    // All come back before their ends are heard of, two of them with a second client; one that nobody knows is refused alone.
    const coming = Promise.allSettled([
      ...names.map((name) => connect(name, '02:00:00')),
      connect('nobody', '02:00:00'),
      connect('fleet-0', '02:00:01', { clientId: 'fleet-0-tool' }),
      connect('fleet-1', '02:00:02'),
    ]);
    const going = names.map((name, i) => disconnect(name, '02:00:03', 'connection_lost', first[i]?.sessionId));
    const came = await coming;
    await Promise.all(going);
    expect(came.filter((c) => c.status === 'rejected')).toMatchObject([{ reason: { code: 'NOT_FOUND' } }]);
    for (const [i, device] of devices.entries()) {
      const intervals = await latest(device.id);
      expect(intervals.filter((interval) => interval.to === null)).toHaveLength(i === 0 ? 2 : 1);
      expect(intervals.at(-1)).toEqual({
        from: `01:00:${String(i).padStart(2, '0')}`,
        to: expect.stringMatching(/^02:00:0[03]$/),
        reason: expect.stringMatching(/^(taken_over|connection_lost)$/),
      });
      const { state } = await f.module.get(Devices).get(everyCustomer, device.id);
      expect(state).toBe(i < 20 ? 'active' : 'manufactured');
    }
    const activated = (await f.events('fleet.device-state-changed')).filter(({ to }) => to === 'active');
    expect(activated).toHaveLength(20);
    await Promise.all(names.map((name) => disconnect(name, '03:00:00')));
    const open = new Set([devices[0]?.id]);
    const ids = devices.map((device) => device.id);
    expect(await f.module.get(Presence).connected(everyCustomer, ids)).toEqual(open);
  });

  it('never ends before it began', async () => {
    const device = await f.device('rx-1');
    await connect('rx-1', '02:00:00');
    await disconnect('rx-1', '01:00:00');
    expect(await latest(device.id)).toEqual([{ from: '02:00:00', to: '02:00:00', reason: 'client_disconnect' }]);
  });
});

describe('presence of an asset', () => {
  it('follows its installations, cut to them and to what was asked for', async () => {
    const { asset, device } = await installed('old');
    await connect('old', '01:00:00');
    f.clock.set(T('12:00:00'));
    const fresh = await f.device('new');
    await connect('new', '05:00:00');
    await f.module.get(EndInstallation).run(everyCustomer, { deviceId: device.id, at: T('06:00:00') });
    await f.module.get(InstallDevice).run(everyCustomer, { deviceId: fresh.id, assetId: asset.id, at: T('07:00:00') });
    await disconnect('old', '08:00:00');
    await disconnect('new', '09:00:00');
    await connect('new', '10:00:00');
    const parts = await f.module
      .get(Presence)
      .presenceOf(everyCustomer, asset.id, { from: ms('02:00:00'), to: ms('11:00:00') });
    expect(parts.map((p) => [p.deviceId === device.id ? 'old' : 'new', p.from, p.to, p.open])).toEqual([
      ['old', ms('02:00:00'), ms('06:00:00'), false],
      ['new', ms('07:00:00'), ms('09:00:00'), false],
      ['new', ms('10:00:00'), ms('11:00:00'), true],
    ]);
    expect(
      await f.module.get(Presence).presenceOf(everyCustomer, asset.id, { from: ms('06:00:00'), to: ms('07:00:00') }),
    ).toEqual([]);
  });

  it("stays the old customer's for the time before the device moved, and is the new one's after", async () => {
    const { device } = await installed('mover', f.acme);
    const theirs = await f.asset('theirs', f.other);
    const { sessionId } = await connect('mover', '01:00:00');
    f.clock.set(T('12:00:00'));
    await f.module.get(EndInstallation).run(everyCustomer, { deviceId: device.id, at: T('06:00:00') });
    await f.module
      .get(InstallDevice)
      .run(everyCustomer, { deviceId: device.id, assetId: theirs.id, at: T('07:00:00') });
    await disconnect('mover', '13:00:00', 'client_disconnect', sessionId);
    const seenBy = async (customerId: string) =>
      (await f.module.get(Presence).latestOfDevices(onlyCustomers([customerId]), [device.id], 20)).map((p) => [
        p.connectedAt.getTime(),
        p.disconnectedAt?.getTime(),
        p.reason,
      ]);
    expect(await seenBy(f.acme.id)).toEqual([[ms('01:00:00'), ms('06:00:00'), 'installation_changed']]);
    expect(await seenBy(f.other.id)).toEqual([[ms('07:00:00'), ms('13:00:00'), 'client_disconnect']]);
    expect(await latest(device.id)).toHaveLength(3);
    // The end concerns the asset it speaks for then, and not the one before.
    expect((await f.events('fleet.presence-changed')).slice(1)).toEqual([
      { deviceId: device.id, assetId: theirs.id, from: ms('13:00:00'), to: null },
    ]);
  });

  it('of a device that is connected when it is installed begins with the installation, and it is active at once', async () => {
    const [asset, device] = [await f.asset('SN'), await f.device('bench')];
    await connect('bench', '01:00:00');
    f.clock.set(T('12:00:00'));
    await f.module.get(InstallDevice).run(everyCustomer, { deviceId: device.id, assetId: asset.id, at: T('02:00:00') });
    expect((await f.module.get(Devices).get(everyCustomer, device.id)).state).toBe('active');
    const parts = await f.module.get(Presence).presenceOf(onlyCustomers([f.acme.id]), asset.id, day);
    expect(parts).toMatchObject([{ from: ms('02:00:00'), to: day.to, open: true }]);
  });
});

describe('a gateway', () => {
  it('that was killed leaves its connections to end at its last sign of life', async () => {
    const { module, clock } = f;
    const { asset, device } = await installed('rx-1');
    clock.set(T('01:00:00'));
    expect(await module.get(CloseLostSessions).run('gw-1')).toBe(0);
    await connect('rx-1', '01:00:01');
    const late = await f.device('rx-2');
    clock.set(T('01:00:05'));
    await module.get(RecordGatewayAlive).run('gw-1');
    await connect('rx-2', '01:00:07');
    clock.set(T('02:00:00'));
    expect(await module.get(CloseLostSessions).run('gw-1')).toBe(2);
    expect(await latest(device.id)).toEqual([{ from: '01:00:01', to: '01:00:05', reason: 'gateway_lost' }]);
    // It connected after the last sign of life: nothing is known to have lasted.
    expect(await latest(late.id)).toEqual([{ from: '01:00:07', to: '01:00:07', reason: 'gateway_lost' }]);
    expect((await f.events('fleet.presence-changed')).slice(-2)).toEqual(
      expect.arrayContaining([
        { deviceId: device.id, assetId: asset.id, from: ms('01:00:05'), to: null },
        { deviceId: late.id, from: ms('01:00:07'), to: null },
      ]),
    );
    expect(await module.get(CloseLostSessions).run('gw-1')).toBe(0);
  });

  it('that starts ends those of gateways silent for a minute, and leaves a living one alone', async () => {
    const { module, clock } = f;
    const [a, b] = [await f.device('rx-1'), await f.device('rx-2')];
    clock.set(T('01:00:00'));
    await module.get(CloseLostSessions).run('gw-dead');
    await module.get(CloseLostSessions).run('gw-alive');
    await connect('rx-1', '01:00:00', { gateway: 'gw-dead' });
    await connect('rx-2', '01:00:00', { gateway: 'gw-alive' });
    clock.set(T('01:00:59'));
    await module.get(RecordGatewayAlive).run('gw-alive');
    expect(await module.get(CloseLostSessions).run('gw-new')).toBe(0);
    clock.set(T('01:01:01'));
    expect(await module.get(CloseLostSessions).run('gw-new')).toBe(1);
    expect(await latest(a.id)).toEqual([{ from: '01:00:00', to: '01:00:00', reason: 'gateway_lost' }]);
    expect(await latest(b.id)).toEqual([{ from: '01:00:00', to: null, reason: null }]);
  });

  it('that stops in order ends what is open', async () => {
    const device = await f.device('rx-1');
    f.clock.set(T('01:00:00'));
    await f.module.get(CloseLostSessions).run('gw-1');
    await connect('rx-1', '01:00:01');
    f.clock.set(T('01:30:00'));
    expect(await f.module.get(RecordGatewayStopped).run('gw-1')).toBe(1);
    expect(await latest(device.id)).toEqual([{ from: '01:00:01', to: '01:30:00', reason: 'gateway_stopped' }]);
    expect(await f.module.get(CloseLostSessions).run('gw-1')).toBe(0);
  });
});
