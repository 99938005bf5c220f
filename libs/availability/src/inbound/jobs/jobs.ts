import { presenceChanged } from '@throughline/fleet';
import { defineJob } from '@throughline/platform';
import { telemetryCommitted } from '@throughline/telemetry';
import { z } from 'zod';

export const markTimelineDirty = defineJob({
  name: 'availability.mark-timeline-dirty',
  queue: 'metering',
  payload: telemetryCommitted.payload,
  attempts: 8,
  backoffMs: 500,
  timeoutMs: 10_000,
  on: [telemetryCommitted],
});

export const recomputeTimelines = defineJob({
  name: 'availability.recompute-timelines',
  queue: 'metering',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 120_000,
  every: 1_000,
});

export const signalPresence = defineJob({
  name: 'availability.signal-presence',
  queue: 'metering',
  payload: presenceChanged.payload,
  attempts: 2,
  backoffMs: 500,
  timeoutMs: 5_000,
  on: [presenceChanged],
});

export const signalSilence = defineJob({
  name: 'availability.signal-silence',
  queue: 'metering',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 10_000,
  every: 5_000,
});

/** What the worker must handle. */
export const availabilityJobs = [markTimelineDirty, recomputeTimelines, signalPresence, signalSilence];
