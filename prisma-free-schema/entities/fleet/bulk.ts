import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Device } from './registry.js';

/** Something ordered for many devices of the registry at once: done by the worker some at a time, and its progress. */
export const DeviceBulk = defineEntity({
  name: 'DeviceBulk',
  tableName: 'device_bulk',
  properties: {
    id: p.uuid().primary(),
    action: p.enum(['set_tags', 'quarantine', 'release'] as const),
    /** Of `set_tags`: tag to value, null to take it off. */
    tags: p.json<Record<string, string | null>>().nullable(),
    requestedBy: p.string().length(200),
    createdAt: p.datetime(3),
    finishedAt: p.datetime(3).nullable(),
    total: p.integer(),
    done: p.integer().default(0),
    failed: p.integer().default(0),
  },
});
export type DeviceBulk = InferEntity<typeof DeviceBulk>;

/** One device of it, and how it went; what is done and the row that says so are one commit. */
export const DeviceBulkItem = defineEntity({
  name: 'DeviceBulkItem',
  tableName: 'device_bulk_item',
  properties: {
    bulkId: () => p.manyToOne(DeviceBulk).mapToPk().fieldName('bulk_id').primary(),
    /** Place in the list, from 0, by thing name. */
    n: p.integer().primary(),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id').index(),
    outcome: p.enum(['done', 'failed'] as const).nullable(),
    /** Why not, for people. */
    reason: p.string().length(300).nullable(),
  },
});
export type DeviceBulkItem = InferEntity<typeof DeviceBulkItem>;
