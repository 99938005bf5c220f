import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAuthority } from '../../test/authority.js';
import { type Received, TestBroker } from '../../test/broker.js';
import { Compressor } from '../simulator/compressor.js';
import { networkAt, profileNamed } from '../simulator/profile.js';
import { Fleet, type FleetOptions } from './fleet.js';
import { SimClock } from './sim-clock.js';

const HOUR = 3_600_000;
/** Simulated hours are played at a speed that a loaded machine does not keep up with. */
const SLOW_MS = 180_000;
const FROM = Date.UTC(2026, 0, 6, 7);

describe('Fleet', () => {
  let folder: string;
  let broker: TestBroker;
  const fleets: Fleet[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fleet-'));
    broker = await TestBroker.start();
  });

  afterEach(async () => {
    await Promise.all(fleets.splice(0).map((fleet) => fleet.stop(0)));
    await broker.stop();
    await rm(folder, { recursive: true });
  });

  async function device(
    thingName: string,
    sim: object,
    at: { host: string; port: number } = { host: '127.0.0.1', port: broker.port },
  ) {
    await mkdir(join(folder, thingName), { recursive: true });
    await writeFile(join(folder, thingName, 'endpoint.json'), JSON.stringify({ ...at, thingName, tls: false, sim }));
  }

  function fleetOf(options: Partial<FleetOptions> = {}) {
    const logged: (readonly [what: string, fields: Readonly<Record<string, unknown>>])[] = [];
    const fleet = new Fleet({
      identities: folder,
      intervalMs: 10_000,
      speed: 20_000,
      from: FROM,
      staggerMs: 0,
      rescanMs: 20,
      log: (_level, what, fields) => logged.push([what, fields]),
      ...options,
    });
    fleets.push(fleet);
    return { fleet, logged };
  }

  const of = (thing: string) => broker.received.filter((one) => one.client === thing);
  const readings = (all: readonly Received[]) => all.flatMap(({ message }) => ('m' in message ? [message] : []));

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  it(
    'plays each folder as its machine: regular readings, every change of state at its instant, all events',
    async () => {
      await device('one', { seed: 11, profile: 'troubled' });
      await device('two', { seed: 12, profile: 'three-shift' });
      const { fleet } = fleetOf();
      expect(await fleet.start()).toBe(2);
      await until(() => (of('one').at(-1)?.message.ts ?? 0) > FROM + 12 * HOUR);
      expect(await fleet.stop()).toBe(0);
      for (const [thing, seed, profile] of [
        ['one', 11, 'troubled'],
        ['two', 12, 'three-shift'],
      ] as const) {
        const machine = new Compressor({ seed, profile: profileNamed(profile) });
        const sent = readings(of(thing));
        const [first, last] = [sent[0]?.ts ?? 0, sent.at(-1)?.ts ?? 0];
        expect(sent.map((message) => message.seq)).toEqual(sent.map((_, i) => i + 1));
        expect(sent.map((message) => message.m)).toEqual(sent.map((message) => machine.readingAt(message.ts).m));
        const times = new Set(sent.map((message) => message.ts));
        for (const change of machine.changes(first, last)) expect(times).toContain(change);
        const gaps = sent.slice(1).map((message, i) => message.ts - (sent[i]?.ts ?? 0));
        expect(Math.max(...gaps)).toBeLessThanOrEqual(10_000);
        const events = of(thing).flatMap(({ message }) => ('type' in message && message.ts <= last ? [message] : []));
        expect(events[0]).toMatchObject({ type: 'reboot', boot: 1 });
        expect(events.slice(1).map(({ boot: _, ...event }) => event)).toEqual(machine.events(first, last));
      }
    },
    SLOW_MS,
  );

  it(
    'goes on after a restart: next boot, sequence from 1, and a counter that never goes back',
    async () => {
      await device('one', { seed: 7, profile: 'three-shift' });
      const first = fleetOf();
      await first.fleet.start();
      await until(() => of('one').length > 50);
      await first.fleet.stop();
      const before = readings(of('one'));
      const second = fleetOf({ from: (before.at(-1)?.ts ?? 0) + 1000 });
      await second.fleet.start();
      await until(() => readings(of('one')).length > before.length + 50);
      await second.fleet.stop();
      const all = readings(of('one'));
      expect(new Set(all.map((message) => message.boot))).toEqual(new Set([1, 2]));
      expect(all[before.length]).toMatchObject({ boot: 2, seq: 1 });
      const output = all.map((message) => Number(message.m.output_m3));
      expect(output).toEqual([...output].sort((a, b) => a - b));
      expect(await readFile(join(folder, 'one', 'boot'), 'utf8')).toBe('2\n');
    },
    SLOW_MS,
  );

  it(
    'picks up new folders, drops removed ones, and says once what is wrong with a bad one',
    async () => {
      const { fleet, logged } = fleetOf({ speed: 1000 });
      expect(await fleet.start()).toBe(0);
      await mkdir(join(folder, 'being-written'));
      await device('bad', { profile: 'no-such' });
      await device('new', {});
      await until(() => of('new').length > 2);
      expect(fleet.devices).toHaveLength(1);
      await rm(join(folder, 'new'), { recursive: true });
      await until(() => fleet.devices.length === 0);
      await device('new', {});
      await until(() => fleet.devices.length === 1);
      const unusable = logged.filter(([what]) => what === 'folder not usable');
      expect(unusable).toEqual([
        ['folder not usable', { folder: 'bad', error: expect.stringContaining('"no-such" is none of') }],
      ]);
    },
    SLOW_MS,
  );

  it(
    'loses the network as its profile says and delivers everything afterwards',
    async () => {
      const profile = profileNamed('flaky-network');
      const start = networkAt(profile, 5, FROM).changesAt - 60_000;
      await device('flaky', { seed: 5, profile: 'flaky-network' });
      const { fleet, logged } = fleetOf({ from: start, speed: 2000 });
      await fleet.start();
      await until(() => logged.filter(([what]) => what === 'network back').length > 0);
      const lost = logged.findIndex(([what]) => what === 'network lost');
      const back = logged.findIndex(([what]) => what === 'network back');
      expect(lost).toBeGreaterThanOrEqual(0);
      expect(back).toBeGreaterThan(lost);
      await until(() => broker.logins.length === 2);
      expect(await fleet.stop()).toBe(0);
      const sent = readings(of('flaky'));
      expect(new Set(sent.map((message) => message.seq)).size).toBe(sent.at(-1)?.seq);
    },
    SLOW_MS,
  );

  it('connects with the certificates of the folders', async () => {
    const authority = await makeAuthority();
    const secure = await TestBroker.start({ tls: authority });
    for (const thing of ['a', 'b', 'c']) {
      const { cert, key, ca } = await authority.issue(thing);
      await mkdir(join(folder, thing));
      await writeFile(join(folder, thing, 'cert.pem'), cert);
      await writeFile(join(folder, thing, 'key.pem'), key);
      await writeFile(join(folder, thing, 'ca.pem'), ca);
      await writeFile(
        join(folder, thing, 'endpoint.json'),
        JSON.stringify({ host: 'localhost', port: secure.port, thingName: thing }),
      );
    }
    const { fleet } = fleetOf({ from: undefined, speed: 1 });
    expect(await fleet.start()).toBe(3);
    expect(await fleet.stop()).toBe(0);
    expect(secure.logins.map((login) => login.commonName).sort()).toEqual(['a', 'b', 'c']);
    await secure.stop();
  });

  it('refuses an interval or a speed that makes no sense', () => {
    expect(() => fleetOf({ intervalMs: 10 })).toThrow('interval: 10 ms');
    expect(() => fleetOf({ speed: 0 })).toThrow('speed: 0');
  });
});

describe('SimClock', () => {
  it('runs faster from a past instant and stays with the wall clock once it has caught up', () => {
    let wall = 1_000_000;
    const clock = new SimClock({ speed: 10, from: 910_000, wall: () => wall });
    expect(clock.now()).toBe(910_000);
    wall += 1000;
    expect(clock.now()).toBe(920_000);
    expect(clock.wallMsUntil(930_000)).toBe(1000);
    expect(clock.wallMsUntil(0)).toBe(1);
    wall += 60_000;
    expect(clock.now()).toBe(wall);
  });

  it('runs ahead of the wall clock when it begins now', () => {
    let wall = 5000;
    const clock = new SimClock({ speed: 4, wall: () => wall });
    wall += 250;
    expect(clock.now()).toBe(6000);
  });
});
