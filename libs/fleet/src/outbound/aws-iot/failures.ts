import { DomainError, type ErrorCode } from '@throughline/kernel';

const codes: Readonly<Record<string, ErrorCode>> = {
  ThrottlingException: 'RATE_LIMITED',
  TooManyRequestsException: 'RATE_LIMITED',
  LimitExceededException: 'RATE_LIMITED',
  ServiceQuotaExceededException: 'RATE_LIMITED',
  VersionConflictException: 'STATE_CONFLICT',
  ConflictException: 'STATE_CONFLICT',
  InvalidStateTransitionException: 'STATE_CONFLICT',
  ResourceAlreadyExistsException: 'CONFLICT',
  ResourceNotFoundException: 'NOT_FOUND',
  InvalidRequestException: 'INVALID_INPUT',
  ValidationException: 'INVALID_INPUT',
  CertificateValidationException: 'INVALID_INPUT',
  CertificateStateException: 'INVALID_INPUT',
  RequestEntityTooLargeException: 'INVALID_INPUT',
  UnsupportedDocumentEncodingException: 'INVALID_INPUT',
};

const MAX_TEXT = 400;

export const isNamed = (error: unknown, ...names: string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/** Runs a call; its failure becomes ours, with AWS's own words. What is not listed above is held to pass (network, 5xx, access). */
export async function calling<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    const text = `AWS IoT, ${what}: ${name}: ${message}`.slice(0, MAX_TEXT);
    throw new DomainError(codes[name] ?? 'UNAVAILABLE', text, [], { cause: error });
  }
}

/** As `calling`; undefined when AWS IoT has no such resource. */
export async function unlessMissing<T>(what: string, call: () => Promise<T>): Promise<T | undefined> {
  return calling(what, async () => {
    try {
      return await call();
    } catch (error) {
      if (isNamed(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
  });
}
