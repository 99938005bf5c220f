import type { JobDeclaration } from '@throughline/platform';

/** What the worker must handle. */
export const diagnosticsJobs: JobDeclaration<never>[] = [];
