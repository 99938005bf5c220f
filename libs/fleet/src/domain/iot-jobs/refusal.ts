import type { ExecutionStatus, StatusDetails } from './execution.js';

/** AWS IoT's codes; clients know no others. The last two may be tried again. */
export type JobErrorCode =
  | 'InvalidTopic'
  | 'InvalidJson'
  | 'InvalidRequest'
  | 'InvalidStateTransition'
  | 'ResourceNotFound'
  | 'VersionMismatch'
  | 'TerminalStateReached'
  | 'RequestThrottled'
  | 'InternalError';

/** What a device is told of an execution that is not as it thought. */
export interface ExecutionState {
  readonly status: ExecutionStatus;
  readonly statusDetails: StatusDetails;
  readonly versionNumber: number;
}

/** A request of a device that is answered with a rejection: nothing has changed. */
export class JobRefusal extends Error {
  override readonly name = 'JobRefusal';

  constructor(
    readonly code: JobErrorCode,
    message: string,
    readonly executionState?: ExecutionState,
  ) {
    super(message);
  }
}
