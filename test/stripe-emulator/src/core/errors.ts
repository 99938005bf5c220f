/** What Stripe puts under `error` in an answer that is not 2xx. */
export interface ErrorBody {
  type: 'invalid_request_error' | 'idempotency_error' | 'card_error' | 'api_error';
  message: string;
  code?: string;
  param?: string;
  decline_code?: string;
  charge?: string;
  payment_intent?: unknown;
  payment_method?: unknown;
}

/** An answer of the API that is an error: HTTP status, body as Stripe's, and headers that go with it. */
export class StripeFault extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
    readonly headers: Record<string, string> = {},
  ) {
    super(body.message);
  }
}

/** 400 for a request that cannot be done: `param` and `code` only where Stripe gives them. */
export const invalid = (message: string, param?: string, code?: string): StripeFault =>
  new StripeFault(400, {
    type: 'invalid_request_error',
    message,
    ...(param ? { param } : {}),
    ...(code ? { code } : {}),
  });

/** 404 `resource_missing` (400 where the id came as a parameter and not in the path). */
export const missing = (what: string, id: string, param = 'id', status = 404): StripeFault =>
  new StripeFault(status, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${what}: '${id}'`,
    param,
  });

export const unrecognised = (method: string, path: string): StripeFault =>
  new StripeFault(404, {
    type: 'invalid_request_error',
    message: `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
  });

export const serverError = (): StripeFault =>
  new StripeFault(
    500,
    { type: 'api_error', message: 'An unknown error occurred' },
    // Stripe asks clients not to repeat a request whose 500 it would only replay.
    { 'stripe-should-retry': 'false' },
  );
