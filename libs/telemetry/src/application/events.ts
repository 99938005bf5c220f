import { defineEvent } from '@throughline/platform';
import { z } from 'zod';

const ms = z.number().int();

/**
 * Messages became durable. One event a batch; a range says that messages of the asset with event times in [from, to]
 * (both inclusive: oldest and newest, ms since the epoch) were stored or delivered again. `messages` counts what the batch
 * carried for the asset, redeliveries included. Delivered at least once.
 */
export const telemetryCommitted = defineEvent(
  'telemetry.committed',
  z.object({
    ranges: z.array(z.object({ assetId: z.string(), from: ms, to: ms, messages: z.number().int() })),
  }),
);
