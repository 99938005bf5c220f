import type { Execution } from './order.js';

export type ReportedStatus = 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'REJECTED';

/** What of AWS IoT Jobs an update needs. Methods reject when there is no connection or no answer. */
export interface UpdateJobs {
  /** The first job that is to be done. */
  next(): Promise<Execution | undefined>;
  /** A job as it is now, with links made just now; undefined when it is over. */
  describe(jobId: string): Promise<Execution | undefined>;
  /** `over`: the job has ended without us, or is not there any more. */
  update(
    execution: Pick<Execution, 'jobId' | 'executionNumber'>,
    status: ReportedStatus,
    details: Readonly<Record<string, string>>,
  ): Promise<'taken' | 'over'>;
}

/** There is no connection now; the jobs are asked again when there is one. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';

  constructor() {
    super('not connected');
  }
}
