import { deviceInstalled, installationEnded } from '@throughline/fleet';
import { defineJob } from '@throughline/platform';
import { z } from 'zod';
import { attributeAgainLater } from '../../application/attribute-again-later.js';
import { telemetryLost } from '../../application/events.js';
import { runQuarantineTask } from '../../application/quarantine/order-task.js';

const retries = { queue: 'metering', attempts: 8, backoffMs: 1_000, timeoutMs: 120_000 } as const;

export const attributeAfterInstallation = defineJob({
  ...retries,
  name: 'telemetry.attribute-after-installation',
  payload: deviceInstalled.payload,
  on: [deviceInstalled],
});

export const attributeAfterEnd = defineJob({
  ...retries,
  name: 'telemetry.attribute-after-end',
  payload: installationEnded.payload,
  on: [installationEnded],
});

/** Looks for missing messages and asks for them. */
export const watchGaps = defineJob({
  name: 'telemetry.watch-gaps',
  queue: 'metering',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 120_000,
  every: 5_000,
});

export const noteLost = defineJob({
  ...retries,
  name: 'telemetry.note-lost',
  payload: telemetryLost.payload,
  on: [telemetryLost],
});

/** What the worker must handle. */
export const telemetryJobs = [
  attributeAfterInstallation,
  attributeAfterEnd,
  attributeAgainLater,
  runQuarantineTask,
  watchGaps,
  noteLost,
];
