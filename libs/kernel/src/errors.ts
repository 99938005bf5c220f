/** What kind of failure a code is; each edge (GraphQL, MQTT, HTTP, job) maps kinds once. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'limited'
  | 'unavailable'
  | 'bug';

export interface ErrorRule {
  readonly kind: ErrorKind;
  readonly log: 'debug' | 'info' | 'warn' | 'error';
  readonly retryable: boolean;
}

/** The closed list of failures a caller may see. Anything else is a bug and is masked at the edge. */
export const errorCodes = {
  INVALID_INPUT: { kind: 'invalid', log: 'info', retryable: false },
  UNAUTHENTICATED: { kind: 'unauthenticated', log: 'info', retryable: false },
  FORBIDDEN: { kind: 'forbidden', log: 'info', retryable: false },
  NOT_FOUND: { kind: 'not_found', log: 'info', retryable: false },
  CONFLICT: { kind: 'conflict', log: 'info', retryable: false },
  STATE_CONFLICT: { kind: 'conflict', log: 'info', retryable: false },
  RATE_LIMITED: { kind: 'limited', log: 'warn', retryable: true },
  QUERY_TOO_COMPLEX: { kind: 'limited', log: 'info', retryable: false },
  TIMED_OUT: { kind: 'unavailable', log: 'warn', retryable: true },
  UNAVAILABLE: { kind: 'unavailable', log: 'error', retryable: true },
  PAYMENT_PROVIDER_FAILED: { kind: 'unavailable', log: 'error', retryable: true },
  TOTALS_DIFFER: { kind: 'conflict', log: 'error', retryable: false },
  INTERNAL: { kind: 'bug', log: 'error', retryable: false },
} as const satisfies Record<string, ErrorRule>;

export type ErrorCode = keyof typeof errorCodes;

/** One fault of one input: which field, the value given, the rule it breaks. */
export interface Fault {
  readonly field: string;
  readonly value: unknown;
  readonly rule: string;
}

/** A failure the caller can understand. `message` is safe to show to the caller. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly faults: readonly Fault[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  get rule(): ErrorRule {
    return errorCodes[this.code];
  }
}

const MAX_SHOWN_VALUE = 80;

/** A value as it may stand in a message: short, one line, never an object's internals. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : typeof value === 'object'
        ? (JSON.stringify(value) ?? 'null')
        : String(value);
  return text.length > MAX_SHOWN_VALUE ? `${text.slice(0, MAX_SHOWN_VALUE)}…` : text;
}

/** One error for all faults of an input; each is named with its field, value and rule. */
export function invalid(...faults: Fault[]): DomainError {
  const text = faults.map((f) => `${f.field}: ${f.rule} (given: ${shown(f.value)})`).join('; ');
  return new DomainError('INVALID_INPUT', text, faults);
}

/** The same answer for "does not exist" and "belongs to someone else", so that ids cannot be probed. */
export function notFound(what: string, id: string): DomainError {
  return new DomainError('NOT_FOUND', `${what} ${shown(id)} does not exist or is not yours to see`);
}
