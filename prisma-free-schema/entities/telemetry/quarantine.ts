import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Device, Model } from '../fleet/index.js';
import { Organisation } from '../identity/index.js';
import { customerRows } from '../row-security.js';

const reasons = [
  'malformed_json',
  'malformed_cbor',
  'malformed_senml',
  'too_large',
  'too_many',
  'too_deep',
  'not_an_object',
  'forbidden_key',
  'unknown_field',
  'bad_identity',
  'bad_time',
  'unknown_metric',
  'wrong_type',
  'wrong_unit',
  'out_of_range',
  'no_schema',
  'identity_conflict',
  'device_quarantined',
  'bad_event',
  'unknown_topic',
  'not_storable',
] as const;

/** What could not be stored as telemetry: the bytes as they came, why, and what became of them. */
export const QuarantinedMessage = defineEntity({
  name: 'QuarantinedMessage',
  tableName: 'quarantined_message',
  properties: {
    id: p.uuid().primary(),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id').nullable().index(),
    /** Of the device; kept here so that a flood of a model is counted without a join. */
    modelId: () => p.manyToOne(Model).mapToPk().fieldName('model_id').nullable(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').nullable(),
    thingName: p.string().length(128),
    topic: p.string().length(256),
    receivedAt: p.datetime(3),
    reason: p.enum(reasons),
    rule: p.text(),
    /** The rule without what was given: what all messages of one fault have in common. */
    ruleKind: p.string().length(200).default(''),
    boot: p.integer().nullable(),
    seq: p.bigint('number').nullable(),
    raw: p.blob(),
    /** SHA-256 of topic and payload, hex: a redelivery of the same bytes is one row. */
    bodyHash: p.string().length(64),
    state: p.enum(['set_aside', 'replayed', 'discarded'] as const).default('set_aside'),
    settledAt: p.datetime(3).nullable(),
    /** Who had it replayed or discarded. */
    settledBy: p.string().length(200).nullable(),
    /** Why it was discarded. */
    settledReason: p.string().length(500).nullable(),
  },
  indexes: [
    { properties: ['receivedAt', 'id'] },
    { properties: ['state', 'reason', 'modelId'] },
    { properties: ['thingName', 'receivedAt'] },
  ],
  uniques: [{ properties: ['thingName', 'bodyHash'] }],
  ...customerRows('customer_id'),
});
export type QuarantinedMessage = InferEntity<typeof QuarantinedMessage>;

/** Something ordered for many set-aside messages: done by the worker page by page, in the order of their ids. */
export const QuarantineTask = defineEntity({
  name: 'QuarantineTask',
  tableName: 'quarantine_task',
  properties: {
    id: p.uuid().primary(),
    action: p.enum(['replay', 'discard'] as const),
    /** Which: ids, or what list pages filter by. */
    selection: p.json<Record<string, unknown>>(),
    /** Why they are discarded. */
    reason: p.string().length(500).nullable(),
    requestedBy: p.string().length(200),
    createdAt: p.datetime(3).index(),
    finishedAt: p.datetime(3).nullable(),
    state: p.enum(['running', 'done', 'failed'] as const),
    /** Messages it is for; those set aside later are not. */
    total: p.integer(),
    /** Replayed or discarded, and those that stayed with their reason. */
    settled: p.integer().default(0),
    kept: p.integer().default(0),
    /** What was done last; the next page begins after it. */
    cursor: p.uuid().nullable(),
    error: p.string().length(500).nullable(),
  },
});
export type QuarantineTask = InferEntity<typeof QuarantineTask>;
