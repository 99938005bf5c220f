import { deviceInstalled, installationEnded } from '@throughline/fleet';
import { defineJob } from '@throughline/platform';
import { attributeAgainLater } from '../../application/attribute-again-later.js';
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

/** What the worker must handle. */
export const telemetryJobs = [attributeAfterInstallation, attributeAfterEnd, attributeAgainLater, runQuarantineTask];
