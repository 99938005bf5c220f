import { defineEvent } from '@throughline/platform';
import { z } from 'zod';
import { executionStates } from '../domain/execution-state.js';

/** A command came to an end on a device, a time-out of ours included; a late result after that ends it once more. */
export const commandEnded = defineEvent(
  'diagnostics.command-ended',
  z.object({
    executionId: z.uuid(),
    deviceId: z.uuid(),
    assetId: z.uuid().nullable(),
    command: z.string(),
    state: z.enum(executionStates),
  }),
);
