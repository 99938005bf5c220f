import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Asset, Device, Model } from '../fleet/index.js';
import { Organisation } from '../identity/index.js';
import { customerRows } from '../row-security.js';

/** One version of a command of a model's catalogue. Rows are never changed (a trigger holds it). */
export const CommandDefinition = defineEntity({
  name: 'CommandDefinition',
  tableName: 'command_definition',
  properties: {
    id: p.uuid().primary(),
    modelId: () => p.manyToOne(Model).mapToPk().fieldName('model_id'),
    name: p.string().length(64),
    version: p.integer(),
    title: p.string().length(200),
    /** JSON schemas, draft 7. */
    argumentsSchema: p.json<Record<string, unknown>>(),
    resultSchema: p.json<Record<string, unknown>>(),
    timeoutS: p.integer(),
    expiryS: p.integer(),
    payload: p.enum(['named', 'arguments'] as const),
    createdAt: p.datetime(3),
  },
  uniques: [{ properties: ['modelId', 'name', 'version'] }],
});
export type CommandDefinition = InferEntity<typeof CommandDefinition>;

export const executionStates = [
  'queued',
  'sent',
  'in_progress',
  'succeeded',
  'failed',
  'rejected',
  'timed_out',
  'gave_up',
  'expired',
  'canceled',
] as const;

/** A command for one device. Asset and customer are those the device spoke for when it was asked for, and stay. */
export const CommandExecution = defineEntity({
  name: 'CommandExecution',
  tableName: 'command_execution',
  properties: {
    id: p.uuid().primary(),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id'),
    assetId: () => p.manyToOne(Asset).mapToPk().fieldName('asset_id').nullable(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').nullable(),
    definitionId: () => p.manyToOne(CommandDefinition).mapToPk().fieldName('definition_id'),
    /** The caller's: the same again is the same execution. */
    requestKey: p.string().length(120),
    arguments: p.json<Record<string, unknown>>(),
    requestedBy: p.string().length(200),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3),
    timeoutS: p.integer(),
    state: p.enum(executionStates),
    sentAt: p.datetime(3).nullable(),
    deliveries: p.integer(),
    deadlineAt: p.datetime(3).nullable(),
    startedAt: p.datetime(3).nullable(),
    endedAt: p.datetime(3).nullable(),
    updatedAt: p.datetime(3),
    reasonCode: p.string().length(64).nullable(),
    reasonDescription: p.string().length(1024).nullable(),
    progressPercent: p.integer().nullable(),
    progressStep: p.string().length(200).nullable(),
    log: p.text().nullable(),
    result: p.json<Record<string, string | boolean>>().nullable(),
    resultFaults: p.json<{ field: string; rule: string }[]>().nullable(),
    late: p.boolean(),
    lastAnswer: p.json<Record<string, unknown>>().nullable(),
  },
  uniques: [{ properties: ['deviceId', 'requestKey'] }],
  indexes: [
    { properties: ['deviceId', 'createdAt'] },
    { properties: ['assetId', 'createdAt'] },
    { properties: ['deviceId'], name: 'command_execution_unanswered', where: "state in ('queued', 'sent')" },
    { properties: ['expiresAt'], name: 'command_execution_expiry', where: "state = 'queued'" },
    { properties: ['deadlineAt'], name: 'command_execution_deadline', where: "state in ('sent', 'in_progress')" },
  ],
  ...customerRows('customer_id'),
});
export type CommandExecution = InferEntity<typeof CommandExecution>;
