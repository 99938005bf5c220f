import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Asset, Device, Model } from '../fleet/index.js';
import { Organisation } from '../identity/index.js';
import { customerRows } from '../row-security.js';

/** A version of a model's telemetry schema; the order of metrics is the order in `message.values`. Never changed once used. */
export const TelemetrySchema = defineEntity({
  name: 'TelemetrySchema',
  tableName: 'telemetry_schema',
  properties: {
    modelId: () => p.manyToOne(Model).mapToPk().fieldName('model_id').primary(),
    version: p.integer().primary(),
    metrics: p.json<MetricDefinition[]>(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});
export type TelemetrySchema = InferEntity<typeof TelemetrySchema>;

export interface MetricDefinition {
  name: string;
  title: string;
  /** UCUM code; "1" for a state or flag. */
  unit: string;
  kind: 'gauge' | 'counter' | 'state' | 'flag';
  min?: number;
  max?: number;
  /** Counter only: the value after which it starts again at 0. */
  rollover?: number;
}

/**
 * A committed message. Identity is (device, boot, seq). `values` follows the schema version's order; a metric the message
 * did not carry is NaN. `assetId` and `customerId` are those of the installation at event time (null: none). No foreign
 * keys here: three checks a row would cost a third of the ingest rate, and ingest takes the ids from the registry itself.
 */
export const Message = defineEntity({
  name: 'Message',
  tableName: 'message',
  properties: {
    deviceId: p.uuid().primary(),
    boot: p.integer().primary(),
    seq: p.bigint('number').primary(),
    ts: p.datetime(3),
    storedAt: p.datetime(3),
    assetId: p.uuid().nullable(),
    customerId: p.uuid().nullable(),
    schemaVersion: p.integer(),
    values: p.json<number[]>().columnType('float8[]'),
  },
  indexes: [{ properties: ['assetId', 'ts'], name: 'message_asset_ts' }],
  ...customerRows('customer_id'),
});
export type Message = InferEntity<typeof Message>;

/** What a device said besides measurements. */
export const DeviceEvent = defineEntity({
  name: 'DeviceEvent',
  tableName: 'device_event',
  properties: {
    id: p.uuid().primary(),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id'),
    assetId: () => p.manyToOne(Asset).mapToPk().fieldName('asset_id').nullable(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').nullable(),
    ts: p.datetime(3),
    storedAt: p.datetime(3),
    type: p.string().length(60),
    code: p.string().length(60).nullable(),
    detail: p.json<Record<string, unknown>>(),
    /** SHA-256 of the payload, hex: the same event delivered twice is one event. */
    bodyHash: p.string().length(64),
  },
  indexes: [{ properties: ['assetId', 'ts'] }],
  uniques: [{ properties: ['deviceId', 'bodyHash'] }],
  ...customerRows('customer_id'),
});
export type DeviceEvent = InferEntity<typeof DeviceEvent>;

/** The newest message (by event time) of each device; live state reads this and never scans messages. */
export const LatestReading = defineEntity({
  name: 'LatestReading',
  tableName: 'latest_reading',
  properties: {
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id').primary(),
    assetId: () => p.manyToOne(Asset).mapToPk().fieldName('asset_id').nullable().index(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').nullable(),
    boot: p.integer(),
    seq: p.bigint('number'),
    ts: p.datetime(3),
    storedAt: p.datetime(3),
    schemaVersion: p.integer(),
    values: p.json<number[]>().columnType('float8[]'),
  },
  ...customerRows('customer_id'),
});
export type LatestReading = InferEntity<typeof LatestReading>;

/** Per boot: the highest sequence number up to which each is stored or recorded as lost, and the highest seen. */
export const BootProgress = defineEntity({
  name: 'BootProgress',
  tableName: 'boot_progress',
  properties: {
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id').primary(),
    boot: p.integer().primary(),
    contiguousSeq: p.bigint('number'),
    highestSeq: p.bigint('number'),
    updatedAt: p.datetime(3),
    /** Up to here every number that is not stored is in `missing_range`. */
    checkedSeq: p.bigint('number').default(0),
    /** When its gaps were last looked at. */
    lookedAt: p.datetime(3).nullable(),
  },
});
export type BootProgress = InferEntity<typeof BootProgress>;

export { MissingRange } from './gaps.js';
export * from './quarantine.js';
