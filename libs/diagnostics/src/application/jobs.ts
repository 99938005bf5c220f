import { defineJob } from '@throughline/platform';
import { z } from 'zod';

/** Devices that one job looks at. */
export const MAX_DEVICES_A_JOB = 500;

/**
 * Sends what waits for these devices, should they be connected by now. Asked for with every command that is queued: a device
 * that connected while the command was being written found nothing, and the command found no device.
 */
export const deliverCommands = defineJob({
  name: 'diagnostics.deliver-commands',
  queue: 'fleet',
  payload: z.object({ deviceIds: z.array(z.uuid()).max(MAX_DEVICES_A_JOB) }),
  attempts: 8,
  backoffMs: 500,
  timeoutMs: 20_000,
});

/** The net below: what a gateway could not hand over when the device began to listen. */
export const deliverWaiting = defineJob({
  name: 'diagnostics.deliver-waiting',
  queue: 'fleet',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 30_000,
  every: 10_000,
});

export const endOverdue = defineJob({
  name: 'diagnostics.end-overdue',
  queue: 'fleet',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 30_000,
  every: 1_000,
});
