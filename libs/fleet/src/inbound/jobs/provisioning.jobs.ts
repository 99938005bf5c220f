import { defineJob } from '@throughline/platform';
import { z } from 'zod';

const common = { queue: 'fleet', payload: z.object({}), attempts: 3, backoffMs: 5_000, timeoutMs: 300_000 } as const;

/** Daily: devices whose certificate has two thirds of its life behind it are asked to rotate it. */
export const requestDueRotations = defineJob({ ...common, name: 'fleet.request-due-rotations', cron: '17 3 * * *' });

/** Hourly: certificates that nobody redeemed in time go, and old attempts. */
export const cleanProvisioning = defineJob({ ...common, name: 'fleet.clean-provisioning', cron: '41 * * * *' });

export const provisioningJobs = [requestDueRotations, cleanProvisioning];
