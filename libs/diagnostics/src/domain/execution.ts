import type { Fault } from '@throughline/kernel';
import type { Answer, Refusal } from './answer.js';
import { type ExecutionState, isFinal, mayMove, reportedStates } from './execution-state.js';

/** A command sent, or to be sent, to one device. */
export interface Execution {
  /** AWS IoT's execution id. */
  readonly id: string;
  readonly deviceId: string;
  /** What the device spoke for when it was asked for; null when for nothing. */
  readonly assetId: string | null;
  readonly customerId: string | null;
  readonly definitionId: string;
  readonly command: string;
  readonly title: string;
  readonly version: number;
  /** The caller's key: the same again is the same execution. */
  readonly requestKey: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly requestedBy: string;
  readonly createdAt: Date;
  /** Until then it waits for the device. */
  readonly expiresAt: Date;
  readonly timeoutSeconds: number;
  readonly state: ExecutionState;
  readonly sentAt: Date | null;
  readonly deliveries: number;
  /** When it is held to be unanswered: `timeoutSeconds` after it was first sent. */
  readonly deadlineAt: Date | null;
  /** The device's first word of it. */
  readonly startedAt: Date | null;
  /** When it came to an end, a time-out of ours included. */
  readonly endedAt: Date | null;
  readonly updatedAt: Date;
  readonly reasonCode: string | null;
  readonly reasonDescription: string | null;
  readonly progressPercent: number | null;
  readonly progressStep: string | null;
  /** Lines of the device's log, its newest 16 KiB. */
  readonly log: string | null;
  readonly result: Readonly<Record<string, string | boolean>> | null;
  /** Where the result does not fit its schema; null when it fits or there is none. */
  readonly resultFaults: readonly ResultFault[] | null;
  /** The device ended it after our time-out. */
  readonly late: boolean;
  /** What it said last, so that the same again is known to be the same. */
  readonly lastAnswer: Answer | null;
}

export interface ResultFault {
  readonly field: string;
  readonly rule: string;
}

/** A device that begins to listen is sent an unanswered command again, up to this many times in all. */
export const MAX_DELIVERIES = 3;
export const NO_RESPONSE = '$NO_RESPONSE_FROM_DEVICE';
const MAX_LOG_BYTES = 16 * 1024;
const MAX_STEP = 200;

/** Reserved entries of a result: what they say is progress and log of the execution and no part of the typed result. */
export const progressKeys = ['percent', 'step', 'log'] as const;

/**
 * What is to be done with an execution for a device that can be reached: to be sent for the first time or again (only when
 * it `began` to listen: then a message before that may have met nobody), or nothing.
 */
export function isDeliverable(execution: Execution, now: Date, began: boolean): boolean {
  if (execution.state === 'queued') return execution.expiresAt > now;
  return (
    began &&
    execution.state === 'sent' &&
    execution.deliveries < MAX_DELIVERIES &&
    execution.deadlineAt !== null &&
    execution.deadlineAt > now
  );
}

/** The time-out runs from the first sending: until then it was ours to wait. */
export function sent(execution: Execution, now: Date): Execution {
  const first = execution.sentAt ?? now;
  return {
    ...execution,
    state: 'sent',
    sentAt: first,
    deadlineAt: new Date(first.getTime() + execution.timeoutSeconds * 1000),
    deliveries: execution.deliveries + 1,
    updatedAt: now,
  };
}

/** Past its time: a queued one expires, one that was sent is held to be unanswered. Undefined while neither is due. */
export function overdue(execution: Execution, now: Date): Execution | undefined {
  const { state, expiresAt, deadlineAt } = execution;
  if (state === 'queued' && expiresAt <= now)
    return { ...execution, ...ended('expired', now), reasonDescription: 'the device did not connect in time' };
  if (!mayMove(state, 'timed_out', 'service') || deadlineAt === null || deadlineAt > now) return undefined;
  return { ...execution, ...ended('timed_out', now), reasonCode: NO_RESPONSE, reasonDescription: null };
}

export const canceled = (execution: Execution, now: Date, reason: string): Execution => ({
  ...execution,
  ...ended('canceled', now),
  reasonDescription: reason,
});

const ended = (state: ExecutionState, now: Date) => ({ state, endedAt: now, updatedAt: now });

export type Answered =
  | { readonly changed: Execution }
  /** Said before: confirmed again, nothing changes. */
  | { readonly repeated: true }
  | { readonly refused: Refusal };

/** Takes a device's answer. `check` gives the faults of a result under the command's schema. */
export function answered(
  execution: Execution,
  answer: Answer,
  check: (result: Readonly<Record<string, unknown>>) => readonly Fault[],
  now: Date,
): Answered {
  const state = reportedStates[answer.status];
  if (execution.lastAnswer && sameAnswer(execution.lastAnswer, answer) && execution.state !== 'timed_out')
    return { repeated: true };
  if (!mayMove(execution.state, state, 'device'))
    return {
      refused: {
        code: 'InvalidStateTransition',
        message: `the execution is ${execution.state} and cannot become ${answer.status}`,
      },
    };
  const { progress, result } = divided(answer.result);
  const final = isFinal(state);
  const faults = state === 'succeeded' || (final && result) ? check(result ?? {}) : [];
  return {
    changed: {
      ...execution,
      state,
      startedAt: execution.startedAt ?? now,
      endedAt: final ? now : null,
      updatedAt: now,
      late: execution.state === 'timed_out',
      reasonCode: answer.reasonCode,
      reasonDescription: answer.reasonDescription,
      ...progressOf(execution, progress),
      result: result ?? execution.result,
      resultFaults: faults.length > 0 ? faults.map(({ field, rule }) => ({ field, rule })) : null,
      lastAnswer: answer,
    },
  };
}

type Values = Readonly<Record<string, string | boolean>>;

/** Progress and log on the one side, the typed result on the other. */
function divided(values: Values | null): { progress: Values; result: Values | null } {
  const isProgress = ([key]: [string, unknown]): boolean => (progressKeys as readonly string[]).includes(key);
  const entries = Object.entries(values ?? {});
  const rest = entries.filter((entry) => !isProgress(entry));
  return {
    progress: Object.fromEntries(entries.filter(isProgress)),
    result: rest.length > 0 ? Object.fromEntries(rest) : null,
  };
}

/** What is not said, or not as it should be, leaves what was known. */
function progressOf(
  execution: Execution,
  { percent, step, log }: Values,
): Pick<Execution, 'progressPercent' | 'progressStep' | 'log'> {
  const share = typeof percent === 'string' && /^\d{1,3}$/.test(percent) ? Number(percent) : undefined;
  return {
    progressPercent: share !== undefined && share <= 100 ? share : execution.progressPercent,
    progressStep: typeof step === 'string' ? step.slice(0, MAX_STEP) : execution.progressStep,
    log: typeof log === 'string' ? newestOf(log) : execution.log,
  };
}

/** The last whole lines within the bound. */
function newestOf(log: string): string {
  const bytes = Buffer.from(log);
  if (bytes.length <= MAX_LOG_BYTES) return log;
  const tail = bytes.subarray(bytes.length - MAX_LOG_BYTES);
  const line = tail.indexOf(10);
  return tail.subarray(line + 1).toString('utf8');
}

function sameAnswer(a: Answer, b: Answer): boolean {
  const [mine, other] = [Object.entries(a.result ?? {}), b.result ?? {}];
  return (
    a.status === b.status &&
    a.reasonCode === b.reasonCode &&
    a.reasonDescription === b.reasonDescription &&
    mine.length === Object.keys(other).length &&
    mine.every(([key, value]) => Object.hasOwn(other, key) && other[key] === value)
  );
}
