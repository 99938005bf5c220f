import type { JobDeclaration } from '@throughline/platform';
import { provisioningJobs } from './provisioning.jobs.js';

/** What the worker must handle. */
export const fleetJobs: JobDeclaration<never>[] = [...provisioningJobs] as JobDeclaration<never>[];
