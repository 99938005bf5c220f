import { DomainError } from '@throughline/kernel';
import { type ExecutionStatus, executionLife, type JobExecution, type StatusDetails } from './execution.js';
import { type ExecutionState, JobRefusal } from './refusal.js';
import { NO_STEP_TIMER, type StartNextRequest, type UpdateRequest } from './request.js';

const MINUTE_MS = 60_000;

/** What of its job an execution needs to know. */
export interface JobTimer {
  readonly inProgressTimeoutMinutes: number | null;
}

export const stateOf = ({ status, statusDetails, versionNumber }: JobExecution): ExecutionState => ({
  status,
  statusDetails,
  versionNumber,
});

/** The device takes a queued execution up. One that is in progress already stays as it is. */
export function started(execution: JobExecution, job: JobTimer, request: StartNextRequest, now: Date): JobExecution {
  if (execution.status === 'IN_PROGRESS') return execution;
  return moved(execution, job, 'IN_PROGRESS', request.statusDetails, request.stepTimeoutMinutes, now);
}

/** The device says how it goes. Throws JobRefusal: InvalidStateTransition, then VersionMismatch, each with what is so now. */
export function updated(execution: JobExecution, job: JobTimer, request: UpdateRequest, now: Date): JobExecution {
  const { status, expectedVersion, statusDetails, stepTimeoutMinutes } = request;
  const { status: from, versionNumber } = execution;
  if (!executionLife[from].byDevice.includes(status))
    throw new JobRefusal(
      'InvalidStateTransition',
      `an execution that is ${from} cannot become ${status}`,
      stateOf(execution),
    );
  if (expectedVersion !== undefined && expectedVersion !== versionNumber)
    throw new JobRefusal(
      'VersionMismatch',
      `Expected version ${expectedVersion} but current is ${versionNumber}`,
      stateOf(execution),
    );
  return moved(execution, job, status, statusDetails, stepTimeoutMinutes, now);
}

export const mayBeEnded = (from: ExecutionStatus, to: ExecutionStatus, force = false): boolean =>
  executionLife[from].byService.includes(to) || (force && executionLife[from].byForce.includes(to));

/** It is ended from here. Throws STATE_CONFLICT when the table does not have the move. */
export function ended(
  execution: JobExecution,
  to: 'CANCELED' | 'REMOVED' | 'TIMED_OUT',
  now: Date,
  { force = false }: { force?: boolean } = {},
): JobExecution {
  const { status: from, jobId } = execution;
  if (!mayBeEnded(from, to, force)) {
    const forced = !force && mayBeEnded(from, to, true) ? ' unless it is forced' : '';
    throw new DomainError('STATE_CONFLICT', `the execution of "${jobId}" is ${from} and cannot become ${to}${forced}`);
  }
  return moved(execution, { inProgressTimeoutMinutes: null }, to, undefined, undefined, now);
}

/** The next try of the same job on the same thing: queued anew, at the end. */
export const retryOf = (execution: JobExecution, id: string, now: Date): JobExecution => ({
  ...execution,
  id,
  executionNumber: execution.executionNumber + 1,
  status: 'QUEUED',
  statusDetails: {},
  versionNumber: 1,
  queuedAt: now,
  startedAt: null,
  lastUpdatedAt: now,
  inProgressUntil: null,
  timesOutAt: null,
});

/** Seconds left of the nearer timer, 0 when it is over; undefined without one. */
export function secondsLeft({ status, timesOutAt }: JobExecution, now: Date): number | undefined {
  if (status !== 'IN_PROGRESS' || !timesOutAt) return undefined;
  return Math.max(0, Math.floor((timesOutAt.getTime() - now.getTime()) / 1000));
}

function moved(
  execution: JobExecution,
  job: JobTimer,
  status: ExecutionStatus,
  statusDetails: StatusDetails | undefined,
  stepTimeoutMinutes: number | undefined,
  now: Date,
): JobExecution {
  const runs = status === 'IN_PROGRESS';
  const begins = runs && execution.status === 'QUEUED';
  const minutes = job.inProgressTimeoutMinutes;
  const inProgressUntil = begins ? (minutes === null ? null : later(now, minutes)) : execution.inProgressUntil;
  return {
    ...execution,
    status,
    statusDetails: statusDetails ?? execution.statusDetails,
    versionNumber: execution.versionNumber + 1,
    startedAt: begins ? now : execution.startedAt,
    lastUpdatedAt: now,
    inProgressUntil,
    timesOutAt: runs ? nearer(execution, inProgressUntil, stepTimeoutMinutes, begins, now) : null,
  };
}

/** A step's timer restarts with each request that has one, ends with -1, and never outlives the job's. */
function nearer(
  execution: JobExecution,
  inProgressUntil: Date | null,
  stepTimeoutMinutes: number | undefined,
  begins: boolean,
  now: Date,
): Date | null {
  if (stepTimeoutMinutes === undefined) return begins ? inProgressUntil : execution.timesOutAt;
  if (stepTimeoutMinutes === NO_STEP_TIMER) return inProgressUntil;
  const step = later(now, stepTimeoutMinutes);
  return inProgressUntil && inProgressUntil < step ? inProgressUntil : step;
}

const later = (now: Date, minutes: number): Date => new Date(now.getTime() + minutes * MINUTE_MS);
