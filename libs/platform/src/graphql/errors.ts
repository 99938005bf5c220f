import { unwrapResolverError } from '@apollo/server/errors';
import { DomainError, type ErrorCode, errorCodes } from '@throughline/kernel';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { sqlState } from '../database/database.js';
import { currentRequestId } from './request-id.js';

/** Apollo's and graphql-js's own codes for requests that are wrong in themselves. */
const badRequests = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/** statement_timeout ran out. */
const QUERY_CANCELED = '57014';

/** The failure behind an error as the closed list knows it; undefined for bugs. */
export function knownFailure(error: unknown): DomainError | undefined {
  const original = unwrapResolverError(error);
  if (original instanceof DomainError) return original;
  if (sqlState(original) === QUERY_CANCELED) return new DomainError('TIMED_OUT', 'The answer took too long');
  if (!(original instanceof GraphQLError)) return undefined;
  const code = original.extensions.code;
  if (typeof code === 'string' && code in errorCodes) return new DomainError(code as ErrorCode, original.message);
  if (/contains more that \d+ tokens/.test(original.message))
    return new DomainError('QUERY_TOO_COMPLEX', 'The query has too many tokens; at most 2000 are allowed');
  // A subscription that ends by an error of ours has it wrapped, with neither code nor path.
  if (code === undefined && original.path === undefined && original.originalError instanceof DomainError)
    return original.originalError;
  return badRequests.has(String(code)) || (error === original && isArgumentFault(original))
    ? new DomainError('INVALID_INPUT', original.message)
    : undefined;
}

/** graphql-js names no code when a request's value does not fit; an error of that kind in our own answer has a path instead. */
const isArgumentFault = (error: GraphQLError): boolean =>
  error.extensions.code === undefined &&
  error.originalError === undefined &&
  (error.path === undefined || error.message.startsWith('Argument "'));

/** An error as the client may see it: the closed list with its faults; everything else masked, with the id to ask for. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const failure = knownFailure(error);
  const place = { locations: formatted.locations, path: formatted.path };
  const requestId = currentRequestId();
  if (!failure || failure.code === 'INTERNAL')
    return {
      ...place,
      message: `Something went wrong on our side (request ${requestId ?? 'unknown'})`,
      extensions: { code: 'INTERNAL', retryable: false, requestId },
    };
  return {
    ...place,
    message: failure.message,
    extensions: {
      code: failure.code,
      retryable: failure.rule.retryable,
      requestId,
      ...(failure.faults.length > 0 ? { faults: failure.faults.map(({ field, rule }) => ({ field, rule })) } : {}),
    },
  };
}
