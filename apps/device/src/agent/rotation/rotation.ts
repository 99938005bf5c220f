import { X509Certificate } from 'node:crypto';
import type { JobHandler } from '../job-dispatcher.js';
import type { AgentLog } from '../log.js';
import type { Execution } from '../updater/order.js';
import type { UpdateJobs } from '../updater/update-jobs.js';
import type { IdentityFiles } from './identity-files.js';
import { SigningRefused } from './sdk-certificates.js';
import { signingRequest } from './signing-request.js';

export interface RotationOptions {
  readonly thingName: string;
  readonly files: IdentityFiles;
  readonly jobs: Pick<UpdateJobs, 'update'>;
  /** Has a signing request signed. @throws SigningRefused; any other error is passing. */
  readonly sign: (signingRequest: string) => Promise<string>;
  /** Connects with the identity on disk, if the connection is not by it already; gives its certificate, undefined without TLS. */
  readonly reconnect: () => Promise<string | undefined>;
  readonly log: AgentLog;
}

/**
 * Replaces key and certificate when a job asks for it. What it throws is passing: it is called again then, and after a restart, and
 * goes on where it was: with the key that was made, or, when the new identity is in use, with the last word on the job.
 */
export class Rotation implements JobHandler {
  readonly operation = 'rotate-certificate';
  readonly #options: RotationOptions;

  constructor(options: RotationOptions) {
    this.#options = options;
  }

  async run(execution: Execution): Promise<void> {
    const { files, jobs, sign, reconnect, thingName, log } = this.#options;
    const { jobId } = execution;
    const { key, done } = await files.begin(jobId);
    if (!done) {
      if ((await jobs.update(execution, 'IN_PROGRESS', { step: 'signing' })) === 'over') return files.tidy();
      try {
        await files.use(jobId, await sign(signingRequest(key, thingName)));
      } catch (error) {
        if (!(error instanceof SigningRefused)) throw error;
        log('warn', 'rotation: refused', { job: jobId, reason: error.message });
        await jobs.update(execution, 'FAILED', { reason: error.message.slice(0, 1024) });
        return files.tidy();
      }
    }
    const certificate = await reconnect();
    const certificateId = certificate && fingerprintOf(certificate);
    await jobs.update(execution, 'SUCCEEDED', certificateId === undefined ? {} : { certificateId });
    log('info', 'rotation: done', { job: jobId, certificateId });
    await files.tidy();
  }
}

/** AWS IoT's id of a certificate: the SHA-256 of its DER form, lower-case hex. */
const fingerprintOf = (pem: string): string =>
  new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
