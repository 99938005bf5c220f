import type { JobDeclaration } from '@throughline/platform';

/** What the worker must handle. */
export const fleetJobs: JobDeclaration<never>[] = [];
