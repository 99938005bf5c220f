import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { Organisation } from '../identity/index.js';
import { customerRows } from '../row-security.js';
import { Device } from './registry.js';

export const iotJobStatuses = ['IN_PROGRESS', 'COMPLETED', 'CANCELED', 'DELETION_IN_PROGRESS'] as const;

/** What is to be done by things (AWS IoT's job). The manufacturer's: whom it concerns is in its executions. */
export const IotJob = defineEntity({
  name: 'IotJob',
  tableName: 'iot_job',
  properties: {
    id: p.uuid().primary(),
    /** Name that devices know it by. */
    jobId: p.string().length(64).unique(),
    description: p.text(),
    /** JSON text of an object, as it was given. */
    document: p.text(),
    /** Whom it was made for, in words. */
    targetLabel: p.string().length(200),
    status: p.enum(iotJobStatuses),
    inProgressTimeoutMinutes: p.integer().nullable(),
    /** `[{failureType, numberOfRetries}]` */
    retries: p.json<{ failureType: string; numberOfRetries: number }[]>(),
    /** A cancellation also ends executions in progress. */
    forced: p.boolean(),
    /** It was cancelled or is deleted, and not all of its executions have followed yet. */
    unsettled: p.boolean(),
    createdBy: p.string().length(320),
    createdAt: p.datetime(3),
    lastUpdatedAt: p.datetime(3),
    /** Since when no execution is pending. */
    completedAt: p.datetime(3).nullable(),
    /** What AWS IoT has of it, in AWS mode: "creating", "created", "canceled", "forced" (canceled with force); null: nothing. */
    awsState: p.string().length(10).nullable(),
    /** Why AWS IoT does not have it as it is here. */
    awsError: p.string().length(500).nullable(),
    /** Not tried again before. */
    awsRetryAt: p.datetime(3).nullable(),
  },
  indexes: [{ properties: ['id'], name: 'iot_job_unsettled', where: 'unsettled' }],
});
export type IotJob = InferEntity<typeof IotJob>;

export const jobExecutionStatuses = [
  'QUEUED',
  'IN_PROGRESS',
  'SUCCEEDED',
  'FAILED',
  'REJECTED',
  'TIMED_OUT',
  'CANCELED',
  'REMOVED',
] as const;

/** A job on a thing, once. `customerId` follows the device while it is pending and then stays. */
export const JobExecution = defineEntity({
  name: 'JobExecution',
  tableName: 'iot_job_execution',
  properties: {
    id: p.uuid().primary(),
    iotJobId: () => p.manyToOne(IotJob).mapToPk().fieldName('iot_job_id'),
    deviceId: () => p.manyToOne(Device).mapToPk().fieldName('device_id'),
    customerId: () => p.manyToOne(Organisation).mapToPk().fieldName('customer_id').nullable(),
    executionNumber: p.integer(),
    status: p.enum(jobExecutionStatuses),
    statusDetails: p.json<Record<string, string>>(),
    versionNumber: p.integer(),
    queuedAt: p.datetime(3),
    startedAt: p.datetime(3).nullable(),
    lastUpdatedAt: p.datetime(3),
    inProgressUntil: p.datetime(3).nullable(),
    /** End of the nearer of the job's timer and the step's. */
    timesOutAt: p.datetime(3).nullable(),
  },
  uniques: [{ properties: ['iotJobId', 'deviceId', 'executionNumber'] }],
  indexes: [
    { properties: ['deviceId', 'queuedAt'] },
    {
      properties: ['deviceId'],
      name: 'iot_job_execution_pending',
      where: "status in ('QUEUED', 'IN_PROGRESS')",
    },
    {
      properties: ['iotJobId'],
      name: 'iot_job_execution_pending_of_job',
      where: "status in ('QUEUED', 'IN_PROGRESS')",
    },
    { properties: ['timesOutAt'], name: 'iot_job_execution_timer', where: "status = 'IN_PROGRESS'" },
  ],
  ...customerRows('customer_id'),
});
export type JobExecution = InferEntity<typeof JobExecution>;
