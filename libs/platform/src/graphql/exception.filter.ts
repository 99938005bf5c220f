import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { DomainError, type ErrorCode, type ErrorKind } from '@throughline/kernel';
import type { FastifyReply } from 'fastify';
import { Logger } from '../logging/logger.js';
import { currentRequestId } from './request-id.js';

const statusOf: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  limited: 429,
  unavailable: 503,
  bug: 500,
};

/**
 * Errors outside GraphQL's own answers (a body that is no JSON or too big, an address that is not there, a plain route's
 * failure) in the shape GraphQL errors have, with the status of their kind. What GraphQL resolvers throw is passed on to it.
 */
@Catch()
export class EdgeExceptionFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    if (host.getType<string>() === 'graphql') throw exception;
    const { status, code, message } = this.shown(exception);
    host
      .switchToHttp()
      .getResponse<FastifyReply>()
      .status(status)
      .send({ errors: [{ message, extensions: { code, requestId: currentRequestId() } }] });
  }

  private shown(exception: unknown): { status: number; code: ErrorCode; message: string } {
    if (exception instanceof DomainError && exception.code !== 'INTERNAL')
      return { status: statusOf[exception.rule.kind], code: exception.code, message: exception.message };
    const status = requestFault(exception);
    if (status && exception instanceof Error)
      return { status, code: status === 404 ? 'NOT_FOUND' : 'INVALID_INPUT', message: exception.message };
    this.logger.error({ err: exception }, 'a request failed by a bug');
    const message = `Something went wrong on our side (request ${currentRequestId() ?? 'unknown'})`;
    return { status: 500, code: 'INTERNAL', message };
  }
}

/** Status 4xx of an error that Fastify or Nest raised about the request. */
function requestFault(exception: unknown): number | undefined {
  if (typeof exception !== 'object' || exception === null) return undefined;
  const { statusCode, status } = exception as { statusCode?: unknown; status?: unknown };
  return [statusCode, status].find((s): s is number => typeof s === 'number' && s >= 400 && s < 500);
}
