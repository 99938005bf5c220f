import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Organisation } from '../identity/index.js';
import { customerRows } from '../row-security.js';
import { Device } from './registry.js';

/** What lists of devices are sorted by, and their connectivity. Made from the registry; can be made anew from it. */
export const DeviceIndex = defineEntity({
  name: 'DeviceIndex',
  tableName: 'device_index',
  properties: {
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id').primary(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').nullable().index(),
    thingName: p.string().length(128).collation('C').unique(),
    model: p.string().length(80).collation('C'),
    state: p.string().length(20).collation('C'),
    /** The version with its numbers padded, so that it sorts as versions do; empty when not known. */
    firmwareKey: p.text().collation('C'),
    connected: p.boolean(),
    /** When it last connected or disconnected, ms since the epoch; -1: never. */
    connectivityMs: p.bigint('number'),
  },
  indexes: [
    { properties: ['connected', 'thingName'] },
    { properties: ['connectivityMs', 'thingName'] },
    { properties: ['firmwareKey', 'thingName'] },
    { properties: ['state', 'thingName'] },
    { properties: ['model', 'thingName'] },
  ],
  ...customerRows('customer_id'),
});
export type DeviceIndex = InferEntity<typeof DeviceIndex>;

/**
 * One thing that a device can be found by: field and value as one text. No foreign keys: there are some 20 a device, they come from
 * its row, and two checks each would double the cost of a change.
 */
export const DeviceTerm = defineEntity({
  name: 'DeviceTerm',
  tableName: 'device_term',
  properties: {
    deviceId: p.uuid().primary(),
    term: p.text().collation('C').primary(),
    customerId: p.uuid().nullable(),
  },
  // With the customer in it, an index alone answers under row-level security.
  indexes: [{ properties: ['term', 'deviceId', 'customerId'] }],
  ...customerRows('customer_id'),
});
export type DeviceTerm = InferEntity<typeof DeviceTerm>;

/** A set of devices under a name: named ones, or those that match a query at the time of asking. The manufacturer's own. */
export const DeviceGroup = defineEntity({
  name: 'DeviceGroup',
  tableName: 'device_group',
  properties: {
    id: p.uuid().primary(),
    name: p.string().length(128).collation('C').unique(),
    kind: p.enum(['static', 'dynamic'] as const),
    description: p.string().length(500).default(''),
    /** Of a dynamic group. */
    query: p.text().nullable(),
    createdAt: p.datetime(3),
  },
});
export type DeviceGroup = InferEntity<typeof DeviceGroup>;

/** A device of a static group. */
export const DeviceGroupMember = defineEntity({
  name: 'DeviceGroupMember',
  tableName: 'device_group_member',
  properties: {
    groupId: () => p.manyToOne(DeviceGroup).mapToPk().fieldName('group_id').primary(),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id').primary().index(),
    addedAt: p.datetime(3),
  },
});
export type DeviceGroupMember = InferEntity<typeof DeviceGroupMember>;
