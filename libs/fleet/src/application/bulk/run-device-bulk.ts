import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer, Outbox } from '@throughline/platform';
import { type BulkChange, type BulkStep, bulkStep } from '../../domain/device-bulk.js';
import type { Device } from '../../domain/registry.js';
import { DeviceStore } from '../../storage/device.store.js';
import { type BulkItem, DeviceBulkStore } from '../../storage/device-bulk.store.js';
import { DirectoryChanges } from '../directory-changes.js';
import { deviceStateChanged } from '../events.js';
import { RefreshDeviceIndex } from '../refresh-device-index.js';
import { runDeviceBulk } from './order-device-bulk.js';

/** Devices of one transaction, and transactions of one run of the job. */
const PART = 200;
const PARTS_A_RUN = 25;

/** Does what was ordered for many devices. What happens to a device and the row that says so are one commit, so a killed worker goes on where it was. */
@Injectable()
export class RunDeviceBulk {
  constructor(
    private readonly database: Database,
    private readonly bulks: DeviceBulkStore,
    private readonly devices: DeviceStore,
    private readonly index: RefreshDeviceIndex,
    private readonly outbox: Outbox,
    private readonly directory: DirectoryChanges,
    private readonly clock: Clock,
  ) {}

  async run(bulkId: string, signal: AbortSignal): Promise<void> {
    for (let part = 0; part < PARTS_A_RUN && !signal.aborted; part += 1) {
      const changed = await this.database.transaction(everyCustomer, (em) => this.part(em, bulkId));
      if (!changed) return;
      if (changed.length > 0) this.directory.announce(changed);
    }
    await this.database.transaction(everyCustomer, (em) => this.outbox.enqueue(em, runDeviceBulk, { bulkId }));
  }

  /** Ids of the devices that changed; undefined when nothing was left to do. */
  private async part(em: EntityManager, bulkId: string): Promise<string[] | undefined> {
    const bulk = await this.bulks.lock(em, bulkId);
    if (!bulk || bulk.finishedAt) return undefined;
    const items = await this.bulks.open(em, bulkId, PART);
    if (items.length === 0) {
      await this.bulks.finish(em, bulkId, this.clock.now());
      return undefined;
    }
    const devices = await this.devices.lockIds(
      em,
      items.map(({ deviceId }) => deviceId),
    );
    const change: BulkChange = { action: bulk.action, tags: bulk.tags ?? null };
    const steps = devices.map((device) => ({ device, step: bulkStep(change, device) }));
    const changed = await this.apply(em, steps);
    const stepOf = new Map(steps.map(({ device, step }) => [device.id, step]));
    await this.bulks.settle(
      em,
      bulkId,
      items.map((item) => ({ ...item, reason: reasonOf(stepOf, item) })),
    );
    return changed;
  }

  private async apply(em: EntityManager, steps: readonly { device: Device; step: BulkStep }[]): Promise<string[]> {
    const states = steps.flatMap(({ device, step }) => (step.kind === 'state' ? [{ device, to: step.to }] : []));
    const tags = steps.flatMap(({ device, step }) =>
      step.kind === 'tags' ? [{ id: device.id, tags: step.tags }] : [],
    );
    if (states.length > 0) {
      await this.bulks.setStates(
        em,
        states.map(({ device, to }) => ({ id: device.id, state: to })),
      );
      await this.outbox.publishAll(
        em,
        deviceStateChanged,
        states.map(({ device, to }) => ({ deviceId: device.id, thingName: device.thingName, from: device.state, to })),
      );
    }
    if (tags.length > 0) await this.bulks.setTags(em, tags);
    const changed = [...states.map(({ device }) => device.id), ...tags.map(({ id }) => id)];
    if (changed.length > 0) await this.index.run(em, changed);
    return changed;
  }
}

function reasonOf(stepOf: ReadonlyMap<string, BulkStep>, { deviceId }: BulkItem): string | null {
  const step = stepOf.get(deviceId);
  if (!step) return 'it is gone';
  return step.kind === 'refused' ? step.reason : null;
}
