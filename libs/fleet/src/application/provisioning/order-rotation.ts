import { Injectable } from '@nestjs/common';
import { Database, type EntityManager, everyCustomer } from '@throughline/platform';
import type { IotJob } from '../../domain/iot-jobs/iot-job.js';
import { CertificateStore } from '../../storage/certificate.store.js';
import { IotJobStore } from '../../storage/iot-job.store.js';
import { JobExecutionStore } from '../../storage/job-execution.store.js';
import { CreateIotJob } from '../iot-jobs/create-iot-job.js';

const OPERATION = 'rotate-certificate';
/** Of the certificate's id, in the job's name. */
const SHORT = 16;
/** A device that began must end within this time; asked for again after a week, it gets another job. */
const TIME_LIMIT_MINUTES = 24 * 60;
/** Jobs for one certificate, the first one included. */
const MAX_JOBS = 100;

/** Tells a device to get a new certificate, by a job. */
@Injectable()
export class OrderRotation {
  constructor(
    private readonly database: Database,
    private readonly certificates: CertificateStore,
    private readonly executions: JobExecutionStore,
    private readonly jobs: IotJobStore,
    private readonly create: CreateIotJob,
  ) {}

  /**
   * Gives the job, which is called `rotate-` and the beginning of the certificate's id. None is made while one is pending, when the
   * certificate has ended, or for a retired device.
   */
  async run({ deviceId, certificateId }: { deviceId: string; certificateId: string }): Promise<IotJob | undefined> {
    return this.database.transaction(everyCustomer, async (em) => {
      const [thing] = await this.executions.lockThings(em, [deviceId]);
      const certificate = await this.certificates.byFingerprint(em, certificateId);
      if (!thing || thing.state === 'retired' || certificate?.deviceId !== deviceId || certificate.state !== 'active')
        return undefined;
      if (await this.isPending(em, deviceId)) return undefined;
      const jobId = await this.freeName(em, `rotate-${certificateId.slice(0, SHORT)}`);
      if (jobId === undefined) return undefined;
      return this.create.run(everyCustomer, {
        jobId,
        description: `a new certificate instead of ${certificateId.slice(0, SHORT)}…`,
        document: { operation: OPERATION },
        deviceIds: [deviceId],
        targetLabel: thing.thingName,
        inProgressTimeoutMinutes: TIME_LIMIT_MINUTES,
        createdBy: 'certificate rotation',
      });
    });
  }

  private async isPending(em: EntityManager, deviceId: string): Promise<boolean> {
    const pending = await this.executions.pendingOf(em, [deviceId]);
    const jobs = await this.jobs.byIds(
      em,
      pending.map(({ iotJobId }) => iotJobId),
    );
    return jobs.some(({ document }) => (JSON.parse(document) as { operation?: unknown }).operation === OPERATION);
  }

  /** Undefined when this was tried too often. */
  private async freeName(em: EntityManager, name: string): Promise<string | undefined> {
    for (let n = 1; n <= MAX_JOBS; n += 1) {
      const jobId = n === 1 ? name : `${name}-${n}`;
      if (!(await this.jobs.byJobId(em, jobId))) return jobId;
    }
    return undefined;
  }
}
