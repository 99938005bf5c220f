/**
 * Why a board is refused, as AWS IoT answers it: `statusCode` like HTTP's, `errorCode` for programs. AWS names
 * `InvalidCertificateOwnershipToken` and `ACCESS_DENIED`; the others are ours and never change.
 */
export const refusalCodes = {
  InvalidJson: 400,
  InvalidCbor: 400,
  InvalidRequest: 400,
  InvalidCertificateSigningRequest: 400,
  InvalidCertificateOwnershipToken: 400,
  InvalidParameters: 400,
  /** The hook said no, or could not be asked. */
  ACCESS_DENIED: 403,
  ClaimNotActive: 403,
  BatchExhausted: 403,
  SerialNumberNotAllowed: 403,
  ResourceNotFound: 404,
  KeyInUse: 409,
  ThingAlreadyExists: 409,
  ConflictingState: 409,
  LimitExceeded: 429,
  Throttled: 429,
  InternalError: 500,
} as const;

export type RefusalCode = keyof typeof refusalCodes;

export interface RefusalAnswer {
  readonly statusCode: number;
  readonly errorCode: RefusalCode;
  readonly errorMessage: string;
}

/** A refusal that the board hears. `message` is safe to send to it. */
export class ProvisioningRefusal extends Error {
  override readonly name = 'ProvisioningRefusal';

  constructor(
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message);
  }

  get answer(): RefusalAnswer {
    return refusalAnswer(this.code, this.message);
  }
}

export const refusalAnswer = (errorCode: RefusalCode, errorMessage: string): RefusalAnswer => ({
  statusCode: refusalCodes[errorCode],
  errorCode,
  errorMessage,
});
