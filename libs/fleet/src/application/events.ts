import { defineEvent } from '@throughline/platform';
import { z } from 'zod';

const ms = z.number().int();

/** A device speaks for an asset since `from` (ms), which may lie in the past: messages since then belong to the asset. */
export const deviceInstalled = defineEvent(
  'fleet.device-installed',
  z.object({ installationId: z.uuid(), deviceId: z.uuid(), assetId: z.uuid(), customerId: z.uuid(), from: ms }),
);

/** A device spoke for an asset in [from, to) (ms) and no longer does: messages since `to` belong to no asset or the next one. */
export const installationEnded = defineEvent(
  'fleet.installation-ended',
  z.object({ installationId: z.uuid(), deviceId: z.uuid(), assetId: z.uuid(), customerId: z.uuid(), from: ms, to: ms }),
);

/**
 * What is known of a device's presence is different from before in [from, to) (ms); `to` null: until now. One event for
 * each asset the device spoke for in that time; one without `assetId` when it spoke for none.
 */
const presenceChange = z.object({ deviceId: z.uuid(), assetId: z.uuid().optional(), from: ms, to: ms.nullable() });
export type PresenceChanged = z.infer<typeof presenceChange>;
export const presenceChanged = defineEvent('fleet.presence-changed', presenceChange);

/** A device went from one state of its life to another. */
export const deviceStateChanged = defineEvent(
  'fleet.device-state-changed',
  z.object({ deviceId: z.uuid(), thingName: z.string(), from: z.string(), to: z.string() }),
);
