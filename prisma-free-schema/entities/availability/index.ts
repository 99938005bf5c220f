import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Asset } from '../fleet/index.js';
import { Organisation } from '../identity/index.js';
import { customerRows } from '../row-security.js';

export const timelineCategories = [
  'not_contracted',
  'force_majeure',
  'planned_maintenance',
  'customer_caused',
  'utility',
  'vendor_down',
  'degraded',
  'producing',
  'ready',
  'unknown',
] as const;

/**
 * What we believe about [from, to) of an asset since `recordedAt`, until `supersededAt`; never across a UTC hour. Time that
 * no row covers is of unknown category. Rows are never edited but for `supersededAt`, and while their end lies in the
 * future (a state that is still held to go on) for a later end; the rows with none are today's belief and do not overlap.
 */
export const TimelineEntry = defineEntity({
  name: 'TimelineEntry',
  tableName: 'timeline_entry',
  properties: {
    id: p.uuid().primary(),
    assetId: () => p.manyToOne(Asset).mapToPk().fieldName('asset_id'),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id'),
    fromAt: p.datetime(3),
    toAt: p.datetime(3),
    category: p.enum(timelineCategories),
    /** Of `degraded`: the share of capability left, 0 to 1. */
    fraction: p.decimal().precision(6).scale(5).nullable(),
    /** "state_map", "presence", later "maintenance", "classification". */
    source: p.string().length(40),
    detail: p.string().length(200).default(''),
    evidence: p.json<TimelineEvidence>(),
    recordedAt: p.datetime(3),
    supersededAt: p.datetime(3).nullable(),
  },
  indexes: [
    { properties: ['assetId', 'fromAt'], name: 'timeline_entry_current', where: 'superseded_at is null' },
    { properties: ['assetId', 'fromAt', 'recordedAt'] },
    { properties: ['toAt'], name: 'timeline_entry_ends', where: 'superseded_at is null' },
  ],
  ...customerRows('customer_id'),
});
export type TimelineEntry = InferEntity<typeof TimelineEntry>;

/** The messages an interval rests on: first and last, and how many. */
export interface TimelineEvidence {
  first?: { deviceId: string; boot: number; seq: number; ts: number };
  last?: { deviceId: string; boot: number; seq: number; ts: number };
  messages: number;
  presence?: string;
}

/** Stretches of an asset's time whose messages or presence changed since the timeline was last derived. */
export const TimelineDirty = defineEntity({
  name: 'TimelineDirty',
  tableName: 'timeline_dirty',
  properties: {
    id: p.bigint('string').primary().autoincrement(),
    assetId: () => p.manyToOne(Asset).mapToPk().fieldName('asset_id').index(),
    fromAt: p.datetime(3),
    toAt: p.datetime(3),
  },
});
export type TimelineDirty = InferEntity<typeof TimelineDirty>;
