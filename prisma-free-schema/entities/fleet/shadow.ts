import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Organisation } from '../identity/index.js';
import { customerRows } from '../row-security.js';
import { Device } from './registry.js';

/** What is desired of a device and what it reports. `customerId` follows the device. */
export const Shadow = defineEntity({
  name: 'Shadow',
  tableName: 'shadow',
  properties: {
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id').primary(),
    /** Empty: the classic shadow. */
    name: p.string().length(64).primary(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').nullable(),
    /** null: nothing is in that section. */
    desired: p.json<Record<string, unknown>>().nullable(),
    reported: p.json<Record<string, unknown>>().nullable(),
    /** `{desired?, reported?}`, each leaf being `{timestamp}` in epoch seconds. */
    metadata: p.json<Record<string, unknown>>(),
    version: p.bigint('number'),
    /** The version that the search index has. */
    indexedVersion: p.bigint('number').default(0),
    updatedAt: p.datetime(3),
    /** Deleted: the document is gone, the counter is kept for a while. */
    deletedAt: p.datetime(3).nullable(),
  },
  indexes: [{ properties: ['deviceId'], name: 'shadow_not_indexed', where: 'version <> indexed_version' }],
  ...customerRows('customer_id'),
});
export type Shadow = InferEntity<typeof Shadow>;

/** A change of what is desired, with its author. `customerId` is the device's at that time and stays. */
export const ShadowHistory = defineEntity({
  name: 'ShadowHistory',
  tableName: 'shadow_history',
  properties: {
    /** In the order of the changes of a shadow, which take turns. */
    id: p.bigint('string').primary().autoincrement(),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id'),
    name: p.string().length(64),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').nullable(),
    version: p.bigint('number'),
    /** What is desired since then; null: nothing. */
    desired: p.json<Record<string, unknown>>().nullable(),
    authorKind: p.enum(['user', 'api_key', 'system', 'device'] as const),
    /** Of the user, the API key or the device. */
    authorId: p.string().length(64),
    authorName: p.string().length(320),
    at: p.datetime(3),
  },
  indexes: [{ properties: ['deviceId', 'name', 'id'] }],
  ...customerRows('customer_id'),
});
export type ShadowHistory = InferEntity<typeof ShadowHistory>;
