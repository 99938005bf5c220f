import { deviceStatuses, type StatusDetails } from './execution.js';
import { isJobId, MAX_TIMEOUT_MINUTES } from './iot-job.js';
import { JobRefusal } from './refusal.js';

/** The first execution that is pending, whichever that is. */
export const NEXT = '$next';
/** Cancels the step's timer. */
export const NO_STEP_TIMER = -1;

export interface StartNextRequest {
  readonly kind: 'start-next';
  readonly statusDetails: StatusDetails | undefined;
  readonly stepTimeoutMinutes: number | undefined;
}

export interface DescribeRequest {
  readonly kind: 'describe';
  /** A job's name or `$next`. */
  readonly jobId: string;
  readonly executionNumber: number | undefined;
  readonly includeJobDocument: boolean;
}

export interface UpdateRequest {
  readonly kind: 'update';
  readonly jobId: string;
  readonly status: (typeof deviceStatuses)[number];
  readonly statusDetails: StatusDetails | undefined;
  readonly expectedVersion: number | undefined;
  readonly executionNumber: number | undefined;
  readonly includeJobExecutionState: boolean;
  readonly includeJobDocument: boolean;
  readonly stepTimeoutMinutes: number | undefined;
}

export type JobRequest = { readonly kind: 'get-pending' } | StartNextRequest | DescribeRequest | UpdateRequest;

const MAX_TOKEN = 64;
const MAX_DETAILS = 10;
const MAX_DETAIL = 1_024;
const DETAIL_KEY = /^[a-zA-Z0-9:_-]{1,128}$/;
const MAX_WHOLE = 2_147_483_647;

type Body = Readonly<Record<string, unknown>>;

/** The token to be echoed: whatever text the payload has there, however wrong the rest is. */
export function tokenOf(payload: Buffer): string | undefined {
  try {
    const { clientToken } = bodyOf(payload);
    return typeof clientToken === 'string' ? clientToken : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads a request: topic first, then JSON, then fields; `operation` is what follows `…/jobs/` in the topic. Fields it does not
 * know are ignored (older clients repeat the topic's), null is as good as absent, an empty payload as good as `{}`, and whole
 * numbers may be texts (FreeRTOS). Throws JobRefusal.
 */
export function parseRequest(operation: string, payload: Buffer): JobRequest {
  const levels = operation.split('/');
  const [job = '', verb] = levels;
  const known =
    levels.length === 1
      ? job === 'get' || job === 'start-next'
      : levels.length === 2 && /^(get|update)$/.test(verb ?? '');
  if (!known) throw new JobRefusal('InvalidTopic', `"${operation.slice(0, 100)}" is no operation of jobs`);
  const body = bodyOf(payload);
  checkToken(body);
  if (levels.length === 1) return job === 'get' ? { kind: 'get-pending' } : startNext(body);
  if (!isJobId(job) && job !== NEXT) throw refused('jobId', job, 'must be 1 to 64 of the characters a-z A-Z 0-9 _ -');
  return verb === 'get' ? describe(job, body) : update(job, body);
}

const startNext = (body: Body): StartNextRequest => ({
  kind: 'start-next',
  statusDetails: detailsOf(body),
  stepTimeoutMinutes: stepOf(body, false),
});

const describe = (jobId: string, body: Body): DescribeRequest => ({
  kind: 'describe',
  jobId,
  executionNumber: wholeOf(body, 'executionNumber'),
  includeJobDocument: flagOf(body, 'includeJobDocument', true),
});

function update(jobId: string, body: Body): UpdateRequest {
  if (jobId === NEXT) throw refused('jobId', jobId, 'must be the id of a job in an update');
  return {
    kind: 'update',
    jobId,
    status: statusOf(body),
    statusDetails: detailsOf(body),
    expectedVersion: wholeOf(body, 'expectedVersion'),
    executionNumber: wholeOf(body, 'executionNumber'),
    includeJobExecutionState: flagOf(body, 'includeJobExecutionState', false),
    includeJobDocument: flagOf(body, 'includeJobDocument', false),
    stepTimeoutMinutes: stepOf(body, true),
  };
}

function bodyOf(payload: Buffer): Body {
  if (payload.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    throw new JobRefusal('InvalidJson', 'the payload must be JSON in UTF-8');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new JobRefusal('InvalidRequest', 'the payload must be a JSON object');
  return value as Body;
}

/** Own fields only: `constructor` and the like are nobody's. */
const field = (body: Body, name: string): unknown =>
  Object.hasOwn(body, name) ? (body[name] ?? undefined) : undefined;

function checkToken(body: Body): void {
  const token = field(body, 'clientToken');
  if (token !== undefined && (typeof token !== 'string' || token.length > MAX_TOKEN))
    throw refused('clientToken', token, `must be a text of at most ${MAX_TOKEN} characters`);
}

function statusOf(body: Body): UpdateRequest['status'] {
  const given = field(body, 'status');
  const status = deviceStatuses.find((known) => known === given);
  if (!status) throw refused('status', given, 'must be IN_PROGRESS, SUCCEEDED, FAILED or REJECTED');
  return status;
}

function wholeOf(body: Body, name: string, max = MAX_WHOLE): number | undefined {
  const given = field(body, name);
  if (given === undefined) return undefined;
  const value = typeof given === 'string' && /^\d{1,10}$/.test(given) ? Number(given) : given;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max)
    throw refused(name, given, `must be a whole number from 0 to ${max}`);
  return value;
}

function stepOf(body: Body, mayCancel: boolean): number | undefined {
  const given = field(body, 'stepTimeoutInMinutes');
  if (given === undefined) return undefined;
  if (mayCancel && (given === NO_STEP_TIMER || given === String(NO_STEP_TIMER))) return NO_STEP_TIMER;
  const value = typeof given === 'string' && /^\d{1,10}$/.test(given) ? Number(given) : given;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MAX_TIMEOUT_MINUTES)
    throw refused(
      'stepTimeoutInMinutes',
      given,
      `must be a whole number from 1 to ${MAX_TIMEOUT_MINUTES}${mayCancel ? ', or -1' : ''}`,
    );
  return value;
}

function flagOf(body: Body, name: string, otherwise: boolean): boolean {
  const given = field(body, name) ?? otherwise;
  if (typeof given !== 'boolean') throw refused(name, given, 'must be true or false');
  return given;
}

/** Throws JobRefusal (InvalidRequest) for details that break a limit. */
function checkedDetails(given: unknown): StatusDetails {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw refused('statusDetails', given, 'must be an object of texts');
  const entries = Object.entries(given);
  if (entries.length > MAX_DETAILS)
    throw refused('statusDetails', `${entries.length} pairs`, `must have at most ${MAX_DETAILS} pairs`);
  for (const [key, value] of entries) {
    if (!DETAIL_KEY.test(key))
      throw refused('statusDetails', key, 'must have keys of 1 to 128 of the characters a-z A-Z 0-9 : _ -');
    if (!isDetail(value))
      throw refused(`statusDetails.${key}`, value, `must be 1 to ${MAX_DETAIL} characters without control characters`);
  }
  return Object.fromEntries(entries) as StatusDetails;
}

function detailsOf(body: Body): StatusDetails | undefined {
  const given = field(body, 'statusDetails');
  return given === undefined ? undefined : checkedDetails(given);
}

const isDetail = (value: unknown): boolean =>
  typeof value === 'string' &&
  value.length >= 1 &&
  value.length <= MAX_DETAIL &&
  !/\p{Cc}/u.test(value) &&
  value.isWellFormed();

function refused(name: string, value: unknown, rule: string): JobRefusal {
  const given = value === undefined ? 'nothing' : (JSON.stringify(value) ?? 'nothing').slice(0, 80);
  return new JobRefusal('InvalidRequest', `${name}: ${rule} (given: ${given})`);
}
