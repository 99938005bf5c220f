import { StripeFault } from '../core/errors.js';

/**
 * What can go wrong with a call on demand.
 * - `rate_limit`: 429, not executed, nothing saved under the idempotency key.
 * - `lock_timeout`: 429 that asks the client to repeat; not executed, nothing saved.
 * - `unavailable`: 503, not executed, nothing saved.
 * - `server_error`: 500 that is saved under the key and replayed; with `effect` what was asked for did happen.
 * - `reset`: the connection breaks; with `effect` after the execution, whose answer is saved.
 * - `timeout`: no answer comes; `effect` as with `reset`.
 * - `delay`: answered late, by `delayMs`; the key is in use meanwhile.
 */
export type FaultKind = 'rate_limit' | 'lock_timeout' | 'unavailable' | 'server_error' | 'reset' | 'timeout' | 'delay';

export interface Fault {
  kind: FaultKind;
  /** The call is executed before it goes wrong. */
  effect?: boolean;
  /** How many matching calls; 1 unless given. */
  times?: number;
  method?: 'GET' | 'POST' | 'DELETE';
  /** The path as a whole, or what it must match. */
  path?: string | RegExp;
  delayMs?: number;
}

/** The faults still to come, in the order in which they were asked for. */
export class Faults {
  private waiting: Array<Fault & { left: number }> = [];

  add(fault: Fault): void {
    this.waiting.push({ ...fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.waiting = [];
  }

  take(method: string, path: string): Fault | undefined {
    const found = this.waiting.find((fault) => {
      if (fault.method && fault.method !== method) return false;
      return fault.path === undefined || (typeof fault.path === 'string' ? fault.path === path : fault.path.test(path));
    });
    if (!found) return undefined;
    found.left -= 1;
    if (found.left === 0) this.waiting = this.waiting.filter((fault) => fault !== found);
    return found;
  }
}

/** The answer of a fault that keeps a call from being executed. */
export function refusalOf(fault: Fault): StripeFault | null {
  switch (fault.kind) {
    case 'rate_limit':
      return new StripeFault(429, {
        type: 'invalid_request_error',
        code: 'rate_limit',
        message: 'Request rate limit exceeded. Learn more about rate limits here: https://stripe.com/docs/rate-limits.',
      });
    case 'lock_timeout':
      return new StripeFault(
        429,
        {
          type: 'invalid_request_error',
          code: 'lock_timeout',
          message:
            'This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request.',
        },
        { 'stripe-should-retry': 'true' },
      );
    case 'unavailable':
      return new StripeFault(503, {
        type: 'api_error',
        message: 'Stripe is temporarily unavailable. Please try again.',
      });
    default:
      return null;
  }
}
