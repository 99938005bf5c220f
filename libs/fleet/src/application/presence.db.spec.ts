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
import { everyCustomer, onlyCustomers } from '@throughline/platform';
import { type Fleet, fleet } from '../../test/fixture.js';

let f: Fleet;
beforeEach(async () => {
  f = await fleet();
});
afterEach(() => f.close());

const T = (time: string): Date => new Date(`2026-03-02T${time}Z`);
const ms = (time: string): number => T(time).getTime();
const day = { from: Date.parse('2026-03-02T00:00:00Z'), to: Date.parse('2026-03-03T00:00:00Z') };

const connect = (thingName: string, at: string, more: { clientId?: string; gateway?: string } = {}) =>
  f.module
    .get(RecordConnect)
    .run({ thingName, clientId: thingName, gateway: 'gw-1', remoteAddress: '192.0.2.7', at: T(at), ...more });
const disconnect = (
  thingName: string,
  at: string,
  reason: DisconnectReason = 'client_disconnect',
  sessionId?: string,
) =>
  f.module.get(RecordDisconnect).run({ thingName, clientId: thingName, gateway: 'gw-1', at: T(at), reason, sessionId });
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
