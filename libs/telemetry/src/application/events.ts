import { defineEvent } from '@throughline/platform';
import { z } from 'zod';

const ms = z.number().int();

/**
 * A device said that it does not have messages of a boot any more: numbers `from` to `to`, both included. In the transaction
 * that stores its event; delivered at least once.
 */
export const telemetryLost = defineEvent(
  'telemetry.lost',
  z.object({
    deviceId: z.string(),
    boot: z.number().int(),
    ranges: z.array(z.tuple([z.number().int(), z.number().int()])),
  }),
);

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
