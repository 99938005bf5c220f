export const executionStatuses = [
  'QUEUED',
  'IN_PROGRESS',
  'SUCCEEDED',
  'FAILED',
  'REJECTED',
  'TIMED_OUT',
  'CANCELED',
  'REMOVED',
] as const;

/** AWS IoT's words; they go over the wire as they are. */
export type ExecutionStatus = (typeof executionStatuses)[number];

/** Progress in the device's own words. */
export type StatusDetails = Readonly<Record<string, string>>;

/**
 * A status of an execution and where it goes from there.
 * - `byDevice`: what the device may set with an update; the status itself is progress.
 * - `byService`: what happens to it here; `byForce`: only when a person insists.
 * - `pending`: the device still has to do it.
 * - `retried`: another execution may be queued after it.
 */
export interface ExecutionStatusRule {
  readonly byDevice: readonly ExecutionStatus[];
  readonly byService: readonly ExecutionStatus[];
  readonly byForce: readonly ExecutionStatus[];
  readonly pending: boolean;
  readonly retried: boolean;
}

const last = { byDevice: [], byService: [], byForce: [], pending: false, retried: false } as const;
const answers = ['SUCCEEDED', 'FAILED', 'REJECTED'] as const;

export const executionLife: Readonly<Record<ExecutionStatus, ExecutionStatusRule>> = {
  QUEUED: {
    byDevice: ['IN_PROGRESS', ...answers],
    byService: ['CANCELED', 'REMOVED'],
    byForce: [],
    pending: true,
    retried: false,
  },
  IN_PROGRESS: {
    byDevice: ['IN_PROGRESS', ...answers],
    byService: ['TIMED_OUT', 'REMOVED'],
    byForce: ['CANCELED'],
    pending: true,
    retried: false,
  },
  SUCCEEDED: last,
  FAILED: { ...last, retried: true },
  REJECTED: last,
  TIMED_OUT: { ...last, retried: true },
  CANCELED: last,
  REMOVED: last,
};

/** What a device may name in an update at all; QUEUED is known but leads nowhere. */
export const deviceStatuses = ['QUEUED', 'IN_PROGRESS', ...answers] as const satisfies readonly ExecutionStatus[];

export const pendingStatuses = executionStatuses.filter((status) => executionLife[status].pending);

/** One job on one thing, once: a retry is another execution with the next number. */
export interface JobExecution {
  readonly id: string;
  readonly iotJobId: string;
  /** The job's name, as the device knows it. */
  readonly jobId: string;
  readonly deviceId: string;
  readonly customerId: string | null;
  /** 1, then one more for each retry of the job on that thing. */
  readonly executionNumber: number;
  readonly status: ExecutionStatus;
  readonly statusDetails: StatusDetails;
  /** 1 when queued, one more with each change. */
  readonly versionNumber: number;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly lastUpdatedAt: Date;
  /** End of the job's own timer, which starts with IN_PROGRESS and cannot be moved. */
  readonly inProgressUntil: Date | null;
  /** End of the nearer of the job's timer and the step's. */
  readonly timesOutAt: Date | null;
}

export const isPending = ({ status }: { status: ExecutionStatus }): boolean => executionLife[status].pending;
