import { isReportedStatus, type ReportedStatus, reportedStates } from './execution-state.js';
import { isRecord, unstorable } from './storable.js';

/** Codes of AWS IoT's Jobs, which answers to commands are refused with. */
export type RefusalCode =
  | 'InvalidJson'
  | 'InvalidRequest'
  | 'InvalidStateTransition'
  | 'ResourceNotFound'
  | 'RequestThrottled'
  | 'InternalError';

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

/** What a device says of an execution; the result's values without their type marks, bytes as base64. */
export interface Answer {
  readonly status: ReportedStatus;
  readonly reasonCode: string | null;
  readonly reasonDescription: string | null;
  readonly result: Readonly<Record<string, string | boolean>> | null;
}

const REASON_CODE = /^[A-Z0-9_-]{1,64}$/;
const MAX_DESCRIPTION = 1024;
const MAX_ENTRIES = 100;
const MAX_KEY = 64;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const refuse = (message: string): { refused: Refusal } => ({ refused: { code: 'InvalidRequest', message } });

/** Reads a decoded answer (from JSON or CBOR). A message of a refusal names the field. */
export function readAnswer(body: unknown): { answer: Answer } | { refused: Refusal } {
  if (!isRecord(body)) return refuse('the answer must be an object');
  const { status, statusReason, result } = body;
  if (!isReportedStatus(status)) return refuse(`status must be one of ${Object.keys(reportedStates).join(', ')}`);
  const reason = readReason(statusReason);
  if (typeof reason === 'string') return refuse(reason);
  const values = readResult(result);
  if (typeof values === 'string') return refuse(values);
  return { answer: { status, ...reason, result: values } };
}

type Reason = Pick<Answer, 'reasonCode' | 'reasonDescription'>;

function readReason(reason: unknown): Reason | string {
  if (reason === undefined || reason === null) return { reasonCode: null, reasonDescription: null };
  if (!isRecord(reason)) return 'statusReason must be an object';
  const { reasonCode, reasonDescription } = reason;
  if (typeof reasonCode !== 'string' || !REASON_CODE.test(reasonCode))
    return 'statusReason.reasonCode must be 1 to 64 of A-Z, 0-9, _ and -';
  if (reasonDescription === undefined || reasonDescription === null) return { reasonCode, reasonDescription: null };
  if (typeof reasonDescription !== 'string' || reasonDescription.length > MAX_DESCRIPTION)
    return `statusReason.reasonDescription must be text of at most ${MAX_DESCRIPTION} characters`;
  const bad = unstorable(reasonDescription);
  return bad === undefined ? { reasonCode, reasonDescription } : `statusReason.reasonDescription must not be ${bad}`;
}

function readResult(result: unknown): Answer['result'] | string {
  if (result === undefined || result === null) return null;
  if (!isRecord(result)) return 'result must be an object';
  const entries = Object.entries(result);
  if (entries.length === 0 || entries.length > MAX_ENTRIES) return `result must have 1 to ${MAX_ENTRIES} entries`;
  const values: [string, string | boolean][] = [];
  for (const [key, marked] of entries) {
    if (key.length === 0 || key.length > MAX_KEY || unstorable(key) !== undefined)
      return `a key of result must have 1 to ${MAX_KEY} characters`;
    const value = readValue(marked);
    if (value === undefined) return `result.${key} must be {"s": text}, {"b": boolean} or {"bin": base64}`;
    const bad = unstorable(value);
    if (bad !== undefined) return `result.${key} must not be ${bad}`;
    values.push([key, value]);
  }
  return Object.fromEntries(values);
}

function readValue(marked: unknown): string | boolean | undefined {
  if (!isRecord(marked)) return undefined;
  // A client that fills in every field says null for those it does not use.
  const given = Object.entries(marked).filter(([, value]) => value !== null && value !== undefined);
  const [entry] = given;
  if (!entry || given.length !== 1) return undefined;
  const [mark, value] = entry;
  if (mark === 's' && typeof value === 'string') return value;
  if (mark === 'b' && typeof value === 'boolean') return value;
  if (mark !== 'bin') return undefined;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'string' && BASE64.test(value) ? value : undefined;
}
