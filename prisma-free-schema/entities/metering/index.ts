import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Asset, Model } from '../fleet/index.js';
import { Organisation } from '../identity/index.js';
import { customerRows } from '../row-security.js';

export const Meter = defineEntity({
  name: 'Meter',
  tableName: 'meter',
  properties: {
    id: p.uuid().primary(),
    modelId: () => p.manyToOne(Model).mapToPk().fieldName('model_id'),
    /** "output_m3"; plans refer to it. */
    name: p.string().length(80),
    title: p.string().length(200),
    definition: p.json<MeterDefinition>(),
    /** UCUM unit of the windows' quantity: the metric's for a counter, "s" for meters of time. */
    unit: p.string().length(20),
    createdAt: p.datetime().defaultRaw('now()'),
  },
  uniques: [{ properties: ['modelId', 'name'] }],
});
export type Meter = InferEntity<typeof Meter>;

export type MeterDefinition =
  | { type: 'counter'; metric: string }
  /** Time in the named states of the state map. */
  | { type: 'time_in_state'; states: string[] }
  /** Time in the named timeline categories. */
  | { type: 'available_hours'; categories: string[] };

/** Quantity of one asset, meter and UTC hour. A change is a new version; the one with no `supersededAt` is current. */
export const UsageWindow = defineEntity({
  name: 'UsageWindow',
  tableName: 'usage_window',
  properties: {
    assetId: () => p.manyToOne(Asset).mapToPk().fieldName('asset_id').primary(),
    meterId: () => p.manyToOne(Meter).mapToPk().fieldName('meter_id').primary(),
    hour: p.datetime(0).primary(),
    version: p.integer().primary(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id'),
    quantity: p.decimal().precision(38).scale(12),
    quality: p.enum(['measured', 'estimated', 'edited'] as const),
    evidence: p.json<WindowEvidence>(),
    storedAt: p.datetime(3),
    supersededAt: p.datetime(3).nullable(),
  },
  indexes: [
    { properties: ['assetId', 'meterId', 'hour'], name: 'usage_window_current', where: 'superseded_at is null' },
  ],
  ...customerRows('customer_id'),
});
export type UsageWindow = InferEntity<typeof UsageWindow>;

/** For a counter: the reading before the window and the last one in it; for time: the intervals' share of the hour. */
export interface WindowEvidence {
  messages: number;
  from?: { deviceId: string; boot: number; seq: number; ts: number; value: string };
  to?: { deviceId: string; boot: number; seq: number; ts: number; value: string };
  notes?: string[];
}

export const UsageDirty = defineEntity({
  name: 'UsageDirty',
  tableName: 'usage_dirty',
  properties: {
    id: p.bigint('string').primary().autoincrement(),
    assetId: () => p.manyToOne(Asset).mapToPk().fieldName('asset_id').index(),
    fromAt: p.datetime(3),
    toAt: p.datetime(3),
  },
});
export type UsageDirty = InferEntity<typeof UsageDirty>;
