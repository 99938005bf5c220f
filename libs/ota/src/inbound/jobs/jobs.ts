import type { JobDeclaration } from '@throughline/platform';

/** What the worker must handle. */
export const otaJobs: JobDeclaration<never>[] = [];
