import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import {
  ChangeDeviceState,
  DeviceDirectory,
  type DirectoryEntry,
  FleetModule,
  InstallDevice,
  installationAt,
  SwapDevice,
} from '@throughline/fleet';
import { everyCustomer, LiveSignals, onlyCustomers, PlatformModule } from '@throughline/platform';
import { type Fleet, fleet } from '../../test/fixture.js';
import { DirectoryStore } from '../storage/directory.store.js';
import type { DirectoryChanges } from './directory-changes.js';

let f: Fleet;
beforeAll(async () => {
  f = await fleet();
});
afterAll(() => f.close());

/** Time stands still, so that nothing is read again because of its age; `pass` lets some go by. */
function frozen(): { pass(ms: number): void } {
  let now = performance.now();
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  return {
    pass: (ms) => {
      now += ms;
    },
  };
}
afterEach(() => jest.restoreAllMocks());

const at = new Date('2026-03-01T00:00:00.250Z');

/** Asks until the answer fits; the time limit is the test's own. */
async function until(
  directory: DeviceDirectory,
  thingName: string,
  fits: (entry?: DirectoryEntry) => boolean,
): Promise<DirectoryEntry | undefined> {
  for (;;) {
    const entry = await directory.find(thingName);
    if (fits(entry)) return entry;
    await sleep(20);
  }
}

describe('device directory', () => {
  it('gives model, state and all installations, and undefined for strangers', async () => {
    const directory = f.module.get(DeviceDirectory);
    const asset = await f.asset('A-1');
    const [old, fresh] = [await f.device('old'), await f.device('new')];
    await f.module.get(InstallDevice).run(everyCustomer, { deviceId: old.id, assetId: asset.id, at });
    const swapped = new Date('2026-03-01T12:00:00Z');
    await f.module.get(SwapDevice).run(everyCustomer, { assetId: asset.id, deviceId: fresh.id, at: swapped });
    const installation = { assetId: asset.id, customerId: f.acme.id };
    expect(await directory.find('old')).toEqual({
      deviceId: old.id,
      thingName: 'old',
      modelId: f.model.id,
      state: 'claimed',
      installations: [{ ...installation, from: at.getTime(), to: swapped.getTime() }],
    });
    const entry = await directory.find('new');
    expect(entry?.installations).toEqual([{ ...installation, from: swapped.getTime(), to: null }]);
    expect(entry && installationAt(entry, swapped.getTime() - 1)).toBeUndefined();
    expect(await directory.find('stranger')).toBeUndefined();
  });

  it('answers many look-ups of one moment with one query, and again from memory with none', async () => {
    const directory = f.module.get(DeviceDirectory);
    const names = Array.from({ length: 30 }, (_, i) => `bulk-${i}`);
    for (const name of names) await f.device(name);
    let queries = 0;
    const read = f.database.read;
    f.database.read = ((...args: Parameters<typeof read>) => {
      queries += 1;
      return read.apply(f.database, args);
    }) as typeof read;
    const all = await Promise.all([...names, ...names, 'nobody'].map((name) => directory.find(name)));
    expect(all.filter((e) => e !== undefined)).toHaveLength(60);
    expect(queries).toBe(1);
    await Promise.all([...names, 'nobody'].map((name) => directory.find(name)));
    expect(queries).toBe(1);
    f.database.read = read;
  });

  it('hears of changes in its own process at once', async () => {
    frozen();
    const directory = f.module.get(DeviceDirectory);
    expect(await directory.find('soon')).toBeUndefined();
    const device = await f.device('soon');
    expect((await directory.find('soon'))?.state).toBe('manufactured');
    await f.module.get(ChangeDeviceState).run(everyCustomer, { deviceId: device.id, to: 'quarantined' });
    expect((await directory.find('soon'))?.state).toBe('quarantined');
    const [asset, board] = [await f.asset('A-2'), await f.device('board')];
    expect((await directory.find('board'))?.installations).toEqual([]);
    await f.module.get(InstallDevice).run(everyCustomer, { deviceId: board.id, assetId: asset.id });
    expect((await directory.find('board'))?.installations).toHaveLength(1);
    const fresh = await f.device('board-2');
    expect((await directory.find('board-2'))?.installations).toEqual([]);
    f.clock.advance(1);
    await f.module.get(SwapDevice).run(everyCustomer, { assetId: asset.id, deviceId: fresh.id });
    expect((await directory.find('board'))?.installations[0]?.to).toBe(f.clock.now().getTime());
    expect((await directory.find('board-2'))?.installations[0]?.from).toBe(f.clock.now().getTime());
  });

  it('reads again after 5 s what changed without a word', async () => {
    const time = frozen();
    const directory = f.module.get(DeviceDirectory);
    // The word of its making comes half a second later, which on a busy machine may be in the midst of this.
    jest.spyOn(f.module.get(LiveSignals, { strict: false }), 'signal').mockImplementation(() => undefined);
    await f.device('silent');
    await directory.find('silent');
    await f.rows(`update device set state = 'suspended' where thing_name = 'silent'`);
    time.pass(4_999);
    expect((await directory.find('silent'))?.state).toBe('manufactured');
    time.pass(1);
    expect((await directory.find('silent'))?.state).toBe('suspended');
  });

  it('reads those in use again together, before they are due, and no others', async () => {
    const time = frozen();
    // Hears of nothing, so that nothing is read again but for its age.
    const deaf = { listen: () => () => undefined } as unknown as DirectoryChanges;
    const directory = new DeviceDirectory(f.database, new DirectoryStore(), deaf);
    const names = ['together-1', 'together-2', 'together-3', 'unheard'];
    for (const name of names) {
      await f.device(name);
      await directory.find(name);
      time.pass(100);
    }
    for (const name of names) if (name !== 'unheard') await directory.find(name);
    const read = jest.spyOn(f.database, 'read');
    time.pass(5_000 - 350);
    await directory.find('together-1');
    expect(read).toHaveBeenCalledTimes(1);
    time.pass(1_000);
    await directory.find('together-2');
    await directory.find('together-3');
    expect(read).toHaveBeenCalledTimes(1);
    await directory.find('unheard');
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('hears of changes that another process made', async () => {
    frozen();
    const other = await Test.createTestingModule({
      imports: [PlatformModule.forRoot(f.config, f.clock), FleetModule],
    }).compile();
    await other.init();
    const directory = other.get(DeviceDirectory);
    const [asset, board] = [await f.asset('A-3'), await f.device('far')];
    expect((await directory.find('far'))?.installations).toEqual([]);
    await f.module.get(InstallDevice).run(everyCustomer, { deviceId: board.id, assetId: asset.id });
    const entry = await until(directory, 'far', (e) => e?.installations.length === 1);
    expect(entry?.installations[0]?.assetId).toBe(asset.id);
    await other.close();
  });

  it('may be asked inside a transaction that sees less', async () => {
    const board = await f.device('narrow');
    const entry = await f.database.read(onlyCustomers([]), () => f.module.get(DeviceDirectory).find('narrow'));
    expect(entry?.deviceId).toBe(board.id);
  });

  it('passes a failure on, and works again after it', async () => {
    const directory = f.module.get(DeviceDirectory);
    const read = f.database.read;
    f.database.read = () => Promise.reject(new Error('database gone'));
    await f.device('flaky');
    await expect(Promise.all([directory.find('flaky'), directory.find('flaky')])).rejects.toThrow('database gone');
    f.database.read = read;
    expect((await directory.find('flaky'))?.thingName).toBe('flaky');
  });
});
