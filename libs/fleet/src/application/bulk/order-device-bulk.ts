import { Injectable } from '@nestjs/common';
import { Clock, type Fault, invalid, newId, notFound } from '@throughline/kernel';
import { Database, type DataScope, defineJob, Outbox } from '@throughline/platform';
import type { DeviceBulk } from '@throughline/schema/fleet';
import { z } from 'zod';
import { type BulkChange, checkTagChange } from '../../domain/device-bulk.js';
import { type BulkFailure, DeviceBulkStore } from '../../storage/device-bulk.store.js';
import { ResolveTargets, type Targets } from '../resolve-targets.js';

export type { BulkFailure, DeviceBulk };

/** Some parts of it; it asks for itself again until the list is done. */
export const runDeviceBulk = defineJob({
  name: 'fleet.run-device-bulk',
  queue: 'fleet',
  payload: z.object({ bulkId: z.string() }),
  attempts: 8,
  backoffMs: 1_000,
  timeoutMs: 120_000,
});

/** Failures that are named. */
export const MAX_FAILURES = 100;
const KEPT_MS = 30 * 86_400_000;

/** Orders a change of many devices; the worker does it some devices at a time. */
@Injectable()
export class OrderDeviceBulk {
  constructor(
    private readonly database: Database,
    private readonly targets: ResolveTargets,
    private readonly bulks: DeviceBulkStore,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * For the devices that the target means now, at most 100,000; those that cannot are named when it is done. Errors:
   * INVALID_INPUT for tags, for the target or when it means nobody; NOT_FOUND for a thing or group.
   */
  async run(scope: DataScope, target: Targets, change: BulkChange, by: string): Promise<DeviceBulk> {
    const faults: Fault[] = [];
    if (change.action === 'set_tags') checkTagChange(faults, change.tags ?? {});
    if (faults.length > 0) throw invalid(...faults);
    const ids = await this.targets.run(scope, target);
    if (ids.length === 0) throw invalid({ field: 'target', value: target, rule: 'must mean a device' });
    const createdAt = this.clock.now();
    return this.database.transaction(scope, async (em) => {
      await this.bulks.deleteBefore(em, new Date(createdAt.getTime() - KEPT_MS));
      const bulk = {
        id: newId(createdAt.getTime()),
        ...change,
        requestedBy: by.slice(0, 200),
        createdAt,
        finishedAt: null,
        total: ids.length,
        done: 0,
        failed: 0,
      } as DeviceBulk;
      await this.bulks.add(em, bulk, ids);
      await this.outbox.enqueue(em, runDeviceBulk, { bulkId: bulk.id });
      return bulk;
    });
  }

  /** Errors: NOT_FOUND. */
  async find(scope: DataScope, id: string): Promise<DeviceBulk> {
    const bulk = await this.database.read(scope, (em) => this.bulks.find(em, id));
    if (!bulk) throw notFound('bulk change', id);
    return bulk;
  }

  /** The first 100, of devices in the scope. */
  async failures(scope: DataScope, id: string): Promise<BulkFailure[]> {
    return this.database.read(scope, (em) => this.bulks.failures(em, id, MAX_FAILURES));
  }
}
