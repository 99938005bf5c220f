import { Inject, Injectable } from '@nestjs/common';
import { Clock, DomainError } from '@throughline/kernel';
import { Database, everyCustomer, Logger } from '@throughline/platform';
import { AWS_IOT, type AwsIot, type AwsJobs } from '../../outbound/aws-iot/aws-iot.js';
import { AwsMirrorStore, type BehindJob } from '../../storage/aws-mirror.store.js';
import { IotJobStore } from '../../storage/iot-job.store.js';
import { JobDocuments } from '../iot-jobs/job-documents.js';
import { BATCH, failureOf, LEASE_MS } from './mirroring.js';

/** Has AWS IoT's jobs follow ours: made, cancelled, deleted. */
@Injectable()
export class MirrorJobs {
  constructor(
    private readonly database: Database,
    private readonly mirror: AwsMirrorStore,
    private readonly jobs: IotJobStore,
    private readonly documents: JobDocuments,
    private readonly clock: Clock,
    private readonly logger: Logger,
    @Inject(AWS_IOT) private readonly aws: AwsIot | undefined,
  ) {}

  /** Gives how many were tried; one that fails says why on its row and comes again. */
  async run(signal?: AbortSignal): Promise<number> {
    const jobs = this.aws?.jobs;
    if (!jobs) return 0;
    for (let tried = 0; ; ) {
      const now = this.clock.now();
      const until = new Date(now.getTime() + LEASE_MS);
      const claimed = await this.database.transaction(everyCustomer, (em) =>
        this.mirror.claimJobs(em, now, until, BATCH),
      );
      for (const job of claimed) if (!signal?.aborted) await this.one(jobs, job);
      tried += claimed.length;
      if (claimed.length < BATCH || signal?.aborted) return tried;
    }
  }

  private async one(jobs: AwsJobs, behind: BehindJob): Promise<void> {
    const { id, jobId, status, forced } = behind;
    try {
      if (status === 'DELETION_IN_PROGRESS') {
        await jobs.delete(jobId);
        await this.database.transaction(everyCustomer, (em) => this.mirror.forgetJob(em, id));
      } else if (status === 'CANCELED') {
        await jobs.cancel(jobId, forced);
        await this.done(id, forced ? 'forced' : 'canceled');
      } else {
        await this.create(jobs, behind);
        await this.done(id, 'created');
      }
    } catch (error) {
      const { text, retryAt } = failureOf(error, this.clock.now());
      this.logger.warn({ err: error, jobId }, 'AWS IoT does not have a job as it is here, and is told again');
      await this.database.transaction(everyCustomer, (em) => this.mirror.jobFailed(em, id, text, retryAt));
    }
  }

  private async create(jobs: AwsJobs, { id, jobId }: BehindJob): Promise<void> {
    const { job, targets } = await this.database.read(everyCustomer, async (em) => ({
      job: (await this.jobs.byIds(em, [id]))[0],
      targets: await this.mirror.targetsOf(em, id),
    }));
    const [first] = targets;
    if (!job || !first) return;
    const missing = targets.find(({ there }) => !there);
    if (missing) throw new DomainError('UNAVAILABLE', `thing "${missing.thingName}" is not at AWS IoT yet`);
    // Links are made once, here, and the same for all: AWS IoT hands the document out as it is.
    const filled = await this.documents.filled(job.document, { jobId, deviceId: first.id, thingName: first.thingName });
    await jobs.create(
      { ...job, document: typeof filled === 'string' ? filled : JSON.stringify(filled) },
      targets.map(({ thingName }) => thingName),
    );
  }

  private async done(id: string, awsState: 'created' | 'canceled' | 'forced'): Promise<void> {
    await this.database.transaction(everyCustomer, (em) => this.mirror.jobDone(em, id, awsState));
  }
}
