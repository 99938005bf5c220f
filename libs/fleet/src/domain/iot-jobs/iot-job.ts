import { type Fault, invalid, isId } from '@throughline/kernel';
import { checkText } from '../checks.js';
import { placeholdersIn } from './document.js';
import type { ExecutionStatus } from './execution.js';

export const iotJobStatuses = ['IN_PROGRESS', 'COMPLETED', 'CANCELED', 'DELETION_IN_PROGRESS'] as const;

export type IotJobStatus = (typeof iotJobStatuses)[number];

/**
 * Where a job goes. COMPLETED comes by itself, when no execution is pending any more; a CANCELED one may still be in progress
 * on things that had begun. `force` deletes what is not over.
 */
export const iotJobLife: Readonly<
  Record<IotJobStatus, { readonly moves: readonly IotJobStatus[]; readonly byForce: readonly IotJobStatus[] }>
> = {
  IN_PROGRESS: { moves: ['COMPLETED', 'CANCELED'], byForce: ['DELETION_IN_PROGRESS'] },
  COMPLETED: { moves: ['DELETION_IN_PROGRESS'], byForce: [] },
  CANCELED: { moves: ['CANCELED', 'DELETION_IN_PROGRESS'], byForce: [] },
  DELETION_IN_PROGRESS: { moves: ['DELETION_IN_PROGRESS'], byForce: [] },
};

export const mayBecome = (from: IotJobStatus, to: IotJobStatus, force: boolean): boolean =>
  iotJobLife[from].moves.includes(to) || (force && iotJobLife[from].byForce.includes(to));

export const failureTypes = ['FAILED', 'TIMED_OUT', 'ALL'] as const;

/** So many executions more after one that ended so. ALL counts both and stands alone. */
export interface RetryCriterion {
  readonly failureType: (typeof failureTypes)[number];
  readonly numberOfRetries: number;
}

/** What is to be done by things: AWS IoT's job. */
export interface IotJob {
  readonly id: string;
  /** Name that devices know it by. */
  readonly jobId: string;
  readonly description: string;
  /** JSON text of an object, as it was given. */
  readonly document: string;
  /** Whom it was made for, in words: "3 devices", "group: line 4". */
  readonly targetLabel: string;
  readonly status: IotJobStatus;
  readonly inProgressTimeoutMinutes: number | null;
  readonly retries: readonly RetryCriterion[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
  /** Since when no execution is pending. */
  readonly completedAt: Date | null;
}

/** How many things are where, by their latest execution. */
export type StatusCounts = Readonly<Record<ExecutionStatus, number>>;

export interface IotJobInput {
  /** 1 to 64 of letters, digits, underscore, dash; made up when not given. */
  readonly jobId?: string | undefined;
  readonly description?: string | undefined;
  /** An object, or the JSON text of one; at most 32 KB. */
  readonly document: unknown;
  readonly deviceIds: readonly string[];
  readonly targetLabel: string;
  /** 1 to 10,080 from IN_PROGRESS on. */
  readonly inProgressTimeoutMinutes?: number | undefined;
  /** At most 10 retries in all. */
  readonly retries?: readonly RetryCriterion[] | undefined;
}

export interface CheckedIotJob {
  readonly jobId: string | undefined;
  readonly description: string;
  readonly document: string;
  readonly placeholders: readonly string[];
  readonly deviceIds: readonly string[];
  readonly targetLabel: string;
  readonly inProgressTimeoutMinutes: number | null;
  readonly retries: readonly RetryCriterion[];
}

export const MAX_DOCUMENT_BYTES = 32 * 1024;
/** Targets of one job: they are queued and told in one transaction. */
export const MAX_TARGETS = 10_000;
export const MAX_TIMEOUT_MINUTES = 10_080;
export const MAX_RETRIES = 10;
const MAX_DESCRIPTION = 2_028;
const MAX_LABEL = 200;

export const isJobId = (text: unknown): text is string =>
  typeof text === 'string' && /^[a-zA-Z0-9_-]{1,64}$/.test(text);

/** Errors: INVALID_INPUT naming each field that breaks a rule. */
export function checkedIotJob(input: IotJobInput): CheckedIotJob {
  const { jobId, description = '', targetLabel, inProgressTimeoutMinutes = null, retries = [] } = input;
  const faults: Fault[] = [];
  if (jobId !== undefined && !isJobId(jobId))
    faults.push({ field: 'jobId', value: jobId, rule: 'must be 1 to 64 of the characters a-z A-Z 0-9 _ -' });
  checkText(faults, 'description', description, MAX_DESCRIPTION, 0);
  checkText(faults, 'targetLabel', targetLabel, MAX_LABEL);
  const document = checkDocument(faults, input.document);
  const deviceIds = [...new Set(input.deviceIds)].sort();
  const stranger = deviceIds.find((id) => !isId(id));
  if (stranger !== undefined) faults.push({ field: 'deviceIds', value: stranger, rule: 'must be ids' });
  if (deviceIds.length < 1 || deviceIds.length > MAX_TARGETS)
    faults.push({ field: 'deviceIds', value: deviceIds.length, rule: `must be 1 to ${MAX_TARGETS} devices` });
  if (inProgressTimeoutMinutes !== null && !isWhole(inProgressTimeoutMinutes, 1, MAX_TIMEOUT_MINUTES))
    faults.push({
      field: 'inProgressTimeoutMinutes',
      value: inProgressTimeoutMinutes,
      rule: `must be a whole number from 1 to ${MAX_TIMEOUT_MINUTES}`,
    });
  checkRetries(faults, retries);
  if (faults.length > 0) throw invalid(...faults);
  const placeholders = placeholdersIn(document);
  return { jobId, description, document, placeholders, deviceIds, targetLabel, inProgressTimeoutMinutes, retries };
}

/** Whether one more execution follows one that ended so; `ended` are those of that thing, this one among them. */
export function retryFollows(
  retries: readonly RetryCriterion[],
  status: ExecutionStatus,
  ended: readonly { readonly status: ExecutionStatus }[],
): boolean {
  return retries.some(({ failureType, numberOfRetries }) => {
    if (failureType === 'ALL') return ended.length <= numberOfRetries;
    return failureType === status && ended.filter((one) => one.status === status).length <= numberOfRetries;
  });
}

function checkDocument(faults: Fault[], given: unknown): string {
  const text = typeof given === 'string' ? given : (JSON.stringify(given) ?? '');
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_DOCUMENT_BYTES)
    faults.push({ field: 'document', value: `${bytes} bytes`, rule: `must have at most ${MAX_DOCUMENT_BYTES} bytes` });
  else if (!isObjectText(text)) faults.push({ field: 'document', value: text, rule: 'must be a JSON object' });
  return text;
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) && !text.includes('\0');
  } catch {
    return false;
  }
}

function checkRetries(faults: Fault[], retries: readonly RetryCriterion[]): void {
  const types = retries.map(({ failureType }) => failureType);
  const sum = retries.reduce((total, { numberOfRetries }) => total + numberOfRetries, 0);
  const rule =
    types.some((type) => !failureTypes.includes(type)) || new Set(types).size < types.length
      ? `must name each of ${failureTypes.join(', ')} at most once`
      : types.includes('ALL') && types.length > 1
        ? 'must have ALL alone'
        : retries.some(({ numberOfRetries }) => !isWhole(numberOfRetries, 0, MAX_RETRIES)) || sum > MAX_RETRIES
          ? `must be whole numbers from 0 to ${MAX_RETRIES}, and no more in all`
          : undefined;
  if (rule) faults.push({ field: 'retries', value: retries, rule });
}

const isWhole = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;
