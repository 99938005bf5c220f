import { defineJob, type JobDeclaration } from '@throughline/platform';
import { z } from 'zod';
import { cancelAwsExecution } from '../../application/aws/cancel-execution.js';
import { readAwsExecution } from '../../application/aws/read-executions.js';
import { runDeviceBulk } from '../../application/bulk/order-device-bulk.js';
import { deviceStateChanged } from '../../application/events.js';
import { rebuildDeviceIndex } from '../../application/rebuild-device-index.js';
import { provisioningJobs } from './provisioning.jobs.js';

/** Ends executions of IoT jobs whose timer is over, and what a cancelled or deleted job left undone. */
export const timeOutJobExecutions = defineJob({
  name: 'fleet.time-out-job-executions',
  queue: 'fleet',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 60_000,
  every: 5_000,
});

/** A retired device does no jobs any more. */
export const removeJobExecutions = defineJob({
  name: 'fleet.remove-job-executions',
  queue: 'fleet',
  payload: deviceStateChanged.payload,
  attempts: 8,
  backoffMs: 1_000,
  timeoutMs: 30_000,
  on: [deviceStateChanged],
});

/** Brings what shadows say into the search index. */
export const indexShadows = defineJob({
  name: 'fleet.index-shadows',
  queue: 'fleet',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 60_000,
  every: 1_000,
});

/** In AWS mode: AWS IoT gets what it does not have of things, certificates and jobs. */
export const mirrorToAws = defineJob({
  name: 'fleet.mirror-to-aws',
  queue: 'fleet',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 60_000,
  every: 2_000,
});

/** In AWS mode: how jobs go there, of which not everything comes as news. */
export const readAwsJobs = defineJob({
  name: 'fleet.read-aws-jobs',
  queue: 'fleet',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 120_000,
  every: 60_000,
});

/** What only AWS mode has to do again and again: elsewhere it is not scheduled. */
export const awsModeJobs = [mirrorToAws, readAwsJobs] as JobDeclaration<never>[];

/** What the worker must handle whatever its mode: what was asked for in AWS mode may still wait after it. */
export const fleetJobs: JobDeclaration<never>[] = [
  timeOutJobExecutions,
  removeJobExecutions,
  rebuildDeviceIndex,
  runDeviceBulk,
  indexShadows,
  ...provisioningJobs,
  ...[readAwsExecution, cancelAwsExecution],
] as JobDeclaration<never>[];
