import { jobExecutionChanged } from '@throughline/fleet';
import { defineJob } from '@throughline/platform';
import { z } from 'zod';

export const followExecution = defineJob({
  name: 'ota.follow-execution',
  queue: 'fleet',
  payload: jobExecutionChanged.payload,
  on: [jobExecutionChanged],
  attempts: 8,
  backoffMs: 500,
  timeoutMs: 10_000,
});

export const checkSilentDevices = defineJob({
  name: 'ota.check-silent-devices',
  queue: 'fleet',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 60_000,
  every: 60_000,
});

/** What the worker must handle. */
export const otaJobs = [followExecution, checkSilentDevices];
