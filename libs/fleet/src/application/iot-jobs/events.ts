import { defineEvent } from '@throughline/platform';
import { z } from 'zod';
import { executionStatuses } from '../../domain/iot-jobs/execution.js';

const execution = {
  executionId: z.uuid(),
  iotJobId: z.uuid(),
  jobId: z.string(),
  deviceId: z.uuid(),
  thingName: z.string(),
  executionNumber: z.number().int(),
};

/**
 * A job went on on a thing: another status, progress (`from` and `to` are the same), or a retry was queued (`from` null). Not
 * published when a job is created or deleted. `at` in ms.
 */
export const jobExecutionChanged = defineEvent(
  'fleet.job-execution-changed',
  z.object({
    ...execution,
    from: z.enum(executionStatuses).nullable(),
    to: z.enum(executionStatuses),
    versionNumber: z.number().int(),
    at: z.number().int(),
  }),
);

/** No execution of a job is pending any more: all are done (COMPLETED) or the last one of a cancelled job is (CANCELED). */
export const jobCompleted = defineEvent(
  'fleet.job-completed',
  z.object({
    iotJobId: z.uuid(),
    jobId: z.string(),
    status: z.enum(['COMPLETED', 'CANCELED']),
    /** Things by the status of their latest execution. */
    counts: z.record(z.string(), z.number().int()),
    at: z.number().int(),
  }),
);
