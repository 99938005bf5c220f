import { defineEvent } from '@throughline/platform';
import { z } from 'zod';

/** The belief about [from, to) of an asset changed; ms since the epoch. Delivered at least once. */
export const timelineChanged = defineEvent(
  'availability.timeline-changed',
  z.object({ assetId: z.string(), from: z.number().int(), to: z.number().int() }),
);
