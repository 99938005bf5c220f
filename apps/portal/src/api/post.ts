import { connection } from './connection.js';

export interface Fault {
  readonly field: string;
  readonly value: unknown;
  readonly rule: string;
}

/** A failure with the API's code, or NETWORK when it could not be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly code: string,
    message: string,
    readonly faults: readonly Fault[] = [],
    readonly requestId?: string,
  ) {
    super(message);
  }
}

interface Answer<T> {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string; faults?: Fault[]; requestId?: string } }[];
}

export interface PostOptions {
  readonly token?: string;
  readonly signal?: AbortSignal;
}

/**
 * Sends one operation. Fields the signed-in role may not see come back null and are left to the page (it shows what
 * it has); any other error fails the whole request.
 */
export async function post<T>(query: string, variables: unknown, options: PostOptions = {}): Promise<T> {
  let answer: Answer<T>;
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
        ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
      },
      body: JSON.stringify({ query, variables }),
      signal: options.signal ?? null,
    });
    answer = (await response.json()) as Answer<T>;
    connection.reached();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    connection.lost();
    throw new ApiError('NETWORK', error instanceof Error ? error.message : String(error));
  }
  const fatal =
    answer.errors?.find((e) => e.extensions?.code !== 'FORBIDDEN') ?? (answer.data ? undefined : answer.errors?.[0]);
  if (fatal) {
    const { code, faults, requestId } = fatal.extensions ?? {};
    throw new ApiError(code ?? 'INTERNAL', fatal.message, faults, requestId);
  }
  if (!answer.data) throw new ApiError('INTERNAL', 'The answer was empty.');
  return answer.data;
}
