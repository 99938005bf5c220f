import type { JobExecution } from './execution.js';
import { secondsLeft, stateOf } from './moves.js';
import type { ExecutionState, JobErrorCode } from './refusal.js';

/** What goes to devices, field by field as AWS IoT has it. Times are whole seconds since the epoch. */
export interface ExecutionSummary {
  readonly jobId: string;
  readonly queuedAt: number;
  readonly startedAt?: number;
  readonly lastUpdatedAt: number;
  readonly versionNumber: number;
  readonly executionNumber: number;
}

export interface ExecutionMessage extends ExecutionSummary {
  readonly thingName?: string;
  readonly status: string;
  readonly statusDetails?: Readonly<Record<string, string>>;
  readonly jobDocument?: unknown;
  readonly approximateSecondsBeforeTimedOut?: number;
}

/** `notify` lists no more than so many. */
export const MAX_NOTIFIED = 15;

export const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);

export const summaryOf = (execution: JobExecution): ExecutionSummary => ({
  jobId: execution.jobId,
  queuedAt: seconds(execution.queuedAt),
  ...(execution.startedAt && { startedAt: seconds(execution.startedAt) }),
  lastUpdatedAt: seconds(execution.lastUpdatedAt),
  versionNumber: execution.versionNumber,
  executionNumber: execution.executionNumber,
});

/** An execution as Describe and StartNext answer it; without `jobDocument` the document is left out. */
export function executionMessage(
  execution: JobExecution,
  thingName: string,
  now: Date,
  jobDocument?: unknown,
): ExecutionMessage {
  const left = secondsLeft(execution, now);
  return {
    ...summaryOf(execution),
    thingName,
    status: execution.status,
    statusDetails: execution.statusDetails,
    ...(left !== undefined && { approximateSecondsBeforeTimedOut: left }),
    ...(jobDocument !== undefined && { jobDocument }),
  };
}

export const pendingMessage = (pending: readonly JobExecution[], now: Date) => ({
  inProgressJobs: pending.filter(({ status }) => status === 'IN_PROGRESS').map(summaryOf),
  queuedJobs: pending.filter(({ status }) => status === 'QUEUED').map(summaryOf),
  timestamp: seconds(now),
});

/** `pending` in the order of work. */
export function notifyMessage(pending: readonly JobExecution[], now: Date) {
  const told = pending.slice(0, MAX_NOTIFIED);
  const those = (wanted: string) => told.filter(({ status }) => status === wanted).map(summaryOf);
  const [running, queued] = [those('IN_PROGRESS'), those('QUEUED')];
  return {
    timestamp: seconds(now),
    jobs: { ...(running.length > 0 && { IN_PROGRESS: running }), ...(queued.length > 0 && { QUEUED: queued }) },
  };
}

export const notifyNextMessage = (next: JobExecution | undefined, now: Date, jobDocument?: unknown) => ({
  timestamp: seconds(now),
  ...(next && {
    execution: {
      ...summaryOf(next),
      status: next.status,
      ...(jobDocument !== undefined && { jobDocument }),
    },
  }),
});

export interface ErrorMessage {
  readonly code: JobErrorCode;
  readonly message: string;
  readonly timestamp: number;
  readonly clientToken?: string;
  readonly executionState?: ExecutionState;
}

export const errorMessage = (
  error: { code: JobErrorCode; message: string; executionState?: ExecutionState | undefined },
  now: Date,
  clientToken?: string,
): ErrorMessage => ({
  code: error.code,
  message: error.message,
  timestamp: seconds(now),
  ...(clientToken !== undefined && { clientToken }),
  ...(error.executionState && { executionState: error.executionState }),
});

export { stateOf };

/** Topics of news, for every connection of the thing. */
export const notifyTopic = (thingName: string): string => `$aws/things/${thingName}/jobs/notify`;
export const notifyNextTopic = (thingName: string): string => `$aws/things/${thingName}/jobs/notify-next`;
