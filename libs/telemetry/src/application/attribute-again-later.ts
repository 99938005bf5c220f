import { defineJob } from '@throughline/platform';
import { z } from 'zod';

/** Looks at a device's messages since `from` (ms) once more. */
export const attributeAgainLater = defineJob({
  name: 'telemetry.attribute-again-later',
  queue: 'metering',
  payload: z.object({ deviceId: z.string(), from: z.number().int() }),
  attempts: 8,
  backoffMs: 1_000,
  timeoutMs: 120_000,
});
