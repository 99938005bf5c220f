export const executionStates = [
  'queued',
  'sent',
  'in_progress',
  'succeeded',
  'failed',
  'rejected',
  'timed_out',
  'gave_up',
  'expired',
  'canceled',
] as const;

export type ExecutionState = (typeof executionStates)[number];

/** Who moves an execution on: the device by its answers, or we. */
export type Mover = 'device' | 'service';

/** Where each of the two may take an execution from a state. */
export type ExecutionRule = Readonly<Record<Mover, readonly ExecutionState[]>>;

const ends = ['succeeded', 'failed', 'rejected', 'gave_up'] as const;

/**
 * The life of a command on one device, as AWS IoT has it, with a queue before it.
 * `timed_out` is ours: the device did not answer in time, and what it says later still counts. `gave_up` is its own word
 * (`TIMED_OUT` in its answer), which is final. What was sent cannot be called back, so only the queued is canceled.
 */
export const executionLife: Readonly<Record<ExecutionState, ExecutionRule>> = {
  queued: { device: [], service: ['sent', 'expired', 'canceled'] },
  sent: { device: ['in_progress', ...ends], service: ['timed_out'] },
  in_progress: { device: ['in_progress', ...ends], service: ['timed_out'] },
  timed_out: { device: ends, service: [] },
  succeeded: { device: [], service: [] },
  failed: { device: [], service: [] },
  rejected: { device: [], service: [] },
  gave_up: { device: [], service: [] },
  expired: { device: [], service: [] },
  canceled: { device: [], service: [] },
};

export const mayMove = (from: ExecutionState, to: ExecutionState, by: Mover): boolean =>
  executionLife[from][by].includes(to);

/** Nobody can move it any more. */
export const isFinal = (state: ExecutionState): boolean =>
  executionLife[state].device.length + executionLife[state].service.length === 0;

/** What a device may report, by its name on the wire, and the state that it means. */
export const reportedStates = {
  IN_PROGRESS: 'in_progress',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  REJECTED: 'rejected',
  TIMED_OUT: 'gave_up',
} as const satisfies Record<string, ExecutionState>;

export type ReportedStatus = keyof typeof reportedStates;

export const isReportedStatus = (status: unknown): status is ReportedStatus =>
  typeof status === 'string' && Object.hasOwn(reportedStates, status);
