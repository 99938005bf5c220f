import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Asset, Device } from '../fleet/index.js';
import { Organisation } from '../identity/index.js';
import { customerRows } from '../row-security.js';
import { CommandExecution } from './commands.js';

/** A procedure on one device. The machine was busy with it in [fromAt, toAt). */
export const DiagnosticRun = defineEntity({
  name: 'DiagnosticRun',
  tableName: 'diagnostic_run',
  properties: {
    id: p.uuid().primary(),
    /** Runs that were started together. */
    batchId: p.uuid().index(),
    procedure: p.string().length(60),
    executionId: () => p.manyToOne(CommandExecution).mapToPk().fieldName('execution_id').unique(),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id'),
    assetId: () => p.manyToOne(Asset).mapToPk().fieldName('asset_id').nullable(),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').nullable(),
    requestedBy: p.string().length(200),
    createdAt: p.datetime(3),
    fromAt: p.datetime(3).nullable(),
    toAt: p.datetime(3).nullable(),
    verdict: p.enum(['passed', 'failed'] as const).nullable(),
  },
  indexes: [{ properties: ['assetId', 'createdAt'] }, { properties: ['createdAt', 'id'] }],
  ...customerRows('customer_id'),
});
export type DiagnosticRun = InferEntity<typeof DiagnosticRun>;
