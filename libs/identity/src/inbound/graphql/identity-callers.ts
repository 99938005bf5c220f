import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { DomainError } from '@throughline/kernel';
import {
  currentRequestId,
  GraphqlCallers,
  type HttpCaller,
  requestIdFrom,
  type SocketSession,
} from '@throughline/platform';
import type { IdentityContext } from '../../application/access-policy.js';
import { Authenticate } from '../../application/authenticate.js';

/** Fills in who is calling the GraphQL API, over HTTP and over WebSocket. */
@Injectable()
export class IdentityCallers extends GraphqlCallers {
  constructor(private readonly authenticate: Authenticate) {
    super();
  }

  override async ofRequest(request: HttpCaller): Promise<IdentityContext> {
    const requestId = currentRequestId() ?? requestIdFrom(request.headers['x-request-id']);
    const context: IdentityContext = { requestId, address: request.ip };
    const { authorization } = request.headers;
    if (authorization === undefined) return context;
    try {
      return { ...context, scope: (await this.authenticate.bearer(authorization, requestId)).scope };
    } catch (error) {
      // A stale token must not keep its owner from signing in; fields that need a caller tell why there is none.
      if (error instanceof DomainError && error.code === 'UNAUTHENTICATED') return { ...context, refusal: error };
      throw error;
    }
  }

  override async ofSocket(params: Readonly<Record<string, unknown>>, request: IncomingMessage): Promise<SocketSession> {
    const requestId = requestIdFrom(request.headers['x-request-id']);
    const { authorization } = params;
    if (typeof authorization !== 'string') throw new DomainError('UNAUTHENTICATED', 'Sign in first');
    const { scope, expiresAt } = await this.authenticate.bearer(authorization, requestId);
    const address = request.socket.remoteAddress ?? 'unknown';
    return { expiresAt, context: (): IdentityContext => ({ requestId, address, scope }) };
  }
}
