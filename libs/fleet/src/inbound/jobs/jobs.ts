import { defineJob, type JobDeclaration } from '@throughline/platform';
import { z } from 'zod';
import { deviceStateChanged } from '../../application/events.js';

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

/** What the worker must handle. */
export const fleetJobs: JobDeclaration<never>[] = [
  timeOutJobExecutions,
  removeJobExecutions,
] as JobDeclaration<never>[];
