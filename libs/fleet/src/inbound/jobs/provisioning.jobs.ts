import { defineJob } from '@throughline/platform';
import { z } from 'zod';
import { certificateRotationDue } from '../../application/provisioning/request-rotation.js';

const common = { queue: 'fleet', payload: z.object({}), attempts: 3, backoffMs: 5_000, timeoutMs: 300_000 } as const;

/** Daily: devices whose certificate has two thirds of its life behind it are asked to rotate it. */
export const requestDueRotations = defineJob({ ...common, name: 'fleet.request-due-rotations', cron: '17 3 * * *' });

/** Hourly: certificates that nobody redeemed in time go, and old attempts. */
export const cleanProvisioning = defineJob({ ...common, name: 'fleet.clean-provisioning', cron: '41 * * * *' });

/** A certificate is to be replaced: its device is told so by an IoT job. */
export const orderRotation = defineJob({
  name: 'fleet.order-rotation',
  queue: 'fleet',
  payload: certificateRotationDue.payload,
  on: [certificateRotationDue],
  attempts: 8,
  backoffMs: 1_000,
  timeoutMs: 10_000,
});

export const provisioningJobs = [requestDueRotations, cleanProvisioning, orderRotation];
