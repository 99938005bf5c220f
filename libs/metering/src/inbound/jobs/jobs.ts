import { timelineChanged } from '@throughline/availability';
import { defineJob } from '@throughline/platform';
import { telemetryCommitted } from '@throughline/telemetry';
import { z } from 'zod';

const marking = { queue: 'metering', attempts: 8, backoffMs: 500, timeoutMs: 10_000 } as const;

export const markUsageOfMessages = defineJob({
  ...marking,
  name: 'metering.mark-usage-of-messages',
  payload: telemetryCommitted.payload,
  on: [telemetryCommitted],
});

export const markUsageOfTimeline = defineJob({
  ...marking,
  name: 'metering.mark-usage-of-timeline',
  payload: timelineChanged.payload,
  on: [timelineChanged],
});

export const recomputeUsage = defineJob({
  name: 'metering.recompute-usage',
  queue: 'metering',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 120_000,
  every: 1_000,
});

/** What the worker must handle. */
export const meteringJobs = [markUsageOfMessages, markUsageOfTimeline, recomputeUsage];
