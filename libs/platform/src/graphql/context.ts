import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What every resolver gets as its context: one object a request or, over a WebSocket, one an operation. */
export interface GraphqlContext {
  readonly requestId: string;
  /** Address of the caller's end of the connection. */
  readonly address: string;
  /** When the answer must be out; resolvers that start later are refused. Absent for subscriptions. */
  deadline?: Deadline;
  /** How this request's mutations ended so far. */
  outcomes?: MutationOutcome[];
}

export interface Deadline {
  /** Milliseconds since the epoch by the machine's monotonic view (`performance.now()` based). */
  readonly at: number;
  /** Rejects with TIMED_OUT at the deadline. */
  readonly passed: Promise<never>;
}

/** A WebSocket's caller, and when it must show a new token. */
export interface SocketSession {
  /** A fresh context for one operation on the socket. */
  context(): GraphqlContext;
  readonly expiresAt: Date;
}

/** What is known of an HTTP request's sender. */
export interface HttpCaller {
  readonly headers: IncomingHttpHeaders;
  readonly ip: string;
}

/** Who is calling: the lib that knows users fills it in. */
export abstract class GraphqlCallers {
  /** Never rejects for a bad token: fields that need a caller then refuse. */
  abstract ofRequest(request: HttpCaller): Promise<GraphqlContext>;
  /** Rejects with UNAUTHENTICATED without a valid token in `params.authorization`. */
  abstract ofSocket(params: Readonly<Record<string, unknown>>, request: IncomingMessage): Promise<SocketSession>;
}

/** One root field of a mutation request and how it ended. */
export interface MutationOutcome {
  readonly action: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Told of every mutation before its answer goes out. */
export abstract class MutationJournal {
  abstract record(context: GraphqlContext, outcomes: readonly MutationOutcome[]): Promise<void>;
}
