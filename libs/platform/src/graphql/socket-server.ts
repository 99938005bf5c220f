import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, DomainError } from '@throughline/kernel';
import {
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Logger } from '../logging/logger.js';
import type { GraphqlCallers, SocketSession } from './context.js';
import { formatError, knownFailure } from './errors.js';
import { costFault, refuseHeavyText, requestLimits } from './limits.js';
import { withRequestId } from './request-id.js';

export const MAX_SUBSCRIPTIONS_A_SOCKET = 20;
const MAX_SOCKETS = 2_000;
const INIT_WAIT_MS = 5_000;
/** Closed with this code a client asks for a new token and comes back; 4401 would end it for good. */
const TOKEN_EXPIRED = 4403;

interface Held extends Record<PropertyKey, unknown> {
  session?: SocketSession;
  expiry?: NodeJS.Timeout;
  running?: Set<string>;
}

/**
 * Subscriptions over WebSocket (graphql-transport-ws) on the path of the HTTP endpoint. Authentication is in the connection's
 * first message, never in the address; the socket closes when its token expires; a page of another origin is refused; queries
 * and mutations are for HTTP.
 */
export class SocketServer {
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: requestLimits.bodyBytes,
    handleProtocols: (protocols) => (protocols.has('graphql-transport-ws') ? 'graphql-transport-ws' : false),
  });
  private readonly served: { dispose(): void | Promise<void> };

  constructor(
    private readonly options: {
      readonly server: Server;
      readonly path: string;
      readonly schema: GraphQLSchema;
      readonly callers: GraphqlCallers;
      readonly logger: Logger;
      readonly clock: Clock;
      /** Origins that may connect besides the server's own host. */
      readonly publicUrl: string | undefined;
      readonly introspectionRules: readonly (typeof specifiedRules)[number][];
    },
  ) {
    this.served = useServer<Record<string, unknown>, Held>(
      {
        schema: options.schema,
        connectionInitWaitTimeout: INIT_WAIT_MS,
        onConnect: async (context) => {
          try {
            const session = await options.callers.ofSocket(context.connectionParams ?? {}, context.extra.request);
            context.extra.session = session;
            context.extra.running = new Set();
            const left = Math.max(0, session.expiresAt.getTime() - options.clock.now().getTime());
            context.extra.expiry = setTimeout(
              () => context.extra.socket.close(TOKEN_EXPIRED, 'the access token has expired'),
              Math.min(left, 2 ** 31 - 1),
            ).unref();
            return true;
          } catch (error) {
            if (!(error instanceof DomainError)) options.logger.error({ err: error }, 'a socket could not be opened');
            return false;
          }
        },
        onClose: (context) => clearTimeout(context.extra.expiry),
        onSubscribe: (context, id, payload) => this.prepared(context.extra, id, payload),
        onComplete: (context, id) => void context.extra.running?.delete(id),
        onNext: (context, _id, _payload, _args, result) =>
          result.errors
            ? { ...result, errors: result.errors.map((error) => this.shown(context.extra, error)) }
            : undefined,
        onError: (context, _id, _payload, errors) => errors.map((error) => this.shown(context.extra, error)),
      },
      this.sockets,
    );
    options.server.on('upgrade', this.upgrade);
  }

  async close(): Promise<void> {
    this.options.server.off('upgrade', this.upgrade);
    await this.served.dispose();
    this.sockets.close();
  }

  private readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const path = (request.url ?? '').split('?')[0];
    const status =
      path !== this.options.path
        ? '404 Not Found'
        : !this.originIsOurs(request)
          ? '403 Forbidden'
          : this.sockets.clients.size >= MAX_SOCKETS
            ? '503 Service Unavailable'
            : undefined;
    if (status) {
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (ws) => this.sockets.emit('connection', ws, request));
  };

  /** Programs send no origin; a browser always does, and then it must be the page's own server. */
  private originIsOurs({ headers }: IncomingMessage): boolean {
    const { origin, host } = headers;
    if (origin === undefined) return true;
    if (!URL.canParse(origin)) return false;
    const { publicUrl } = this.options;
    return new URL(origin).host === host || (publicUrl !== undefined && new URL(publicUrl).origin === origin);
  }

  private prepared(held: Held, id: string, payload: SubscribePayload): ExecutionArgs | readonly GraphQLError[] {
    const { schema } = this.options;
    const { session, running } = held;
    if (!session || !running) return [refusal('UNAUTHENTICATED', 'Sign in first')];
    if (running.size >= MAX_SUBSCRIPTIONS_A_SOCKET)
      return [refusal('RATE_LIMITED', `At most ${MAX_SUBSCRIPTIONS_A_SOCKET} subscriptions a connection`)];
    try {
      refuseHeavyText(payload.query);
      const document = parse(payload.query, { maxTokens: requestLimits.tokens });
      const faults = validate(schema, document, [...specifiedRules, ...this.options.introspectionRules], {
        hideSuggestions: true,
      });
      if (faults.length > 0) return faults.map((fault) => refusal('INVALID_INPUT', fault.message));
      const operation = getOperationAST(document, payload.operationName);
      if (operation?.operation !== 'subscription')
        return [refusal('INVALID_INPUT', 'Only subscriptions come over the WebSocket; send the rest by HTTP POST')];
      const costs = costFault(schema, document, operation, payload.variables ?? undefined);
      if (costs) return [costs];
      running.add(id);
      return {
        schema,
        document,
        operationName: payload.operationName,
        variableValues: payload.variables,
        contextValue: session.context(),
      };
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      throw error;
    }
  }

  private shown({ session }: Held, error: GraphQLError) {
    const requestId = session?.context().requestId;
    if (!knownFailure(error))
      this.options.logger.error({ requestId, err: error.originalError ?? error }, 'a subscription failed');
    const format = () => formatError({ message: error.message, path: error.path }, error);
    return requestId === undefined ? format() : withRequestId(requestId, format);
  }
}

const refusal = (code: string, message: string): GraphQLError => new GraphQLError(message, { extensions: { code } });
