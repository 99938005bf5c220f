import { DomainError, invalid } from '@throughline/kernel';
import { GraphQLError } from 'graphql';
import { formatError, knownFailure } from './errors.js';
import { withRequestId } from './request-id.js';

const located = (original: Error) =>
  new GraphQLError(original.message, { originalError: original, path: ['plans', 0] });
const show = (error: GraphQLError) => withRequestId('req-1', () => formatError(error.toJSON(), error));

describe('formatError', () => {
  it('shows a failure of the closed list with its faults but not the value given', () => {
    const shown = show(located(invalid({ field: 'name', value: 'secret value', rule: 'must be short' })));
    expect(shown.extensions).toEqual({
      code: 'INVALID_INPUT',
      retryable: false,
      requestId: 'req-1',
      faults: [{ field: 'name', rule: 'must be short' }],
    });
    expect(shown.path).toEqual(['plans', 0]);
  });

  it.each([
    ['a bug', new TypeError("Cannot read properties of undefined (reading 'password')")],
    ['SQL', Object.assign(new Error('relation "app_user" does not exist'), { code: '42P01' })],
    ['a failure marked as internal', new DomainError('INTERNAL', 'weights must not be negative')],
    ['a broken answer', new GraphQLError('Int cannot represent non-integer value: "secret"')],
  ])('masks %s and names the request', (_, original) => {
    const shown = show(located(original));
    expect(shown.message).toBe('Something went wrong on our side (request req-1)');
    expect(shown.extensions).toEqual({ code: 'INTERNAL', retryable: false, requestId: 'req-1' });
    expect(JSON.stringify(shown)).not.toContain(original.message);
  });

  it('calls what PostgreSQL ended for its time TIMED_OUT', () => {
    const cause = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });
    expect(show(located(new Error('select …', { cause }))).extensions).toMatchObject({
      code: 'TIMED_OUT',
      retryable: true,
    });
  });

  it('maps what is wrong with the request itself to the closed list', () => {
    const syntax = new GraphQLError('Syntax Error: Unexpected <EOF>.', {
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    });
    expect(knownFailure(syntax)?.code).toBe('INVALID_INPUT');
    const tokens = new GraphQLError('Syntax Error: Document contains more that 2000 tokens. Parsing aborted.', {
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    });
    expect(knownFailure(tokens)?.code).toBe('QUERY_TOO_COMPLEX');
    expect(knownFailure(new GraphQLError('Argument "x" has invalid value.', { path: ['a'] }))?.code).toBe(
      'INVALID_INPUT',
    );
  });
});
