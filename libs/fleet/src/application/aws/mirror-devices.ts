import { Inject, Injectable } from '@nestjs/common';
import { Clock, DomainError } from '@throughline/kernel';
import { Database, everyCustomer, Logger } from '@throughline/platform';
import { AWS_IOT, type AwsIot, type AwsThings } from '../../outbound/aws-iot/aws-iot.js';
import {
  AwsMirrorStore,
  awsStateOf,
  type BehindDevice,
  type MirroredCertificate,
} from '../../storage/aws-mirror.store.js';
import { RefreshDeviceIndex } from '../refresh-device-index.js';
import { BATCH, failureOf, LEASE_MS } from './mirroring.js';

/** Has AWS IoT's registry follow ours: things and their certificates. Nothing is called inside a transaction. */
@Injectable()
export class MirrorDevices {
  constructor(
    private readonly database: Database,
    private readonly mirror: AwsMirrorStore,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly index: RefreshDeviceIndex,
    @Inject(AWS_IOT) private readonly aws: AwsIot | undefined,
  ) {}

  /** Gives how many devices were tried; one that fails says why on its row and comes again. */
  async run(signal?: AbortSignal): Promise<number> {
    const things = this.aws?.things;
    if (!things) return 0;
    for (let tried = 0; ; ) {
      const now = this.clock.now();
      const until = new Date(now.getTime() + LEASE_MS);
      const claimed = await this.database.transaction(everyCustomer, (em) =>
        this.mirror.claimDevices(em, now, until, BATCH),
      );
      for (const device of claimed) if (!signal?.aborted) await this.one(things, device);
      tried += claimed.length;
      if (claimed.length < BATCH || signal?.aborted) return tried;
    }
  }

  private async one(things: AwsThings, device: BehindDevice): Promise<void> {
    const { id, thingName, state } = device;
    const wanted = awsStateOf(state);
    try {
      const certificates = await this.database.read(everyCustomer, (em) => this.mirror.certificatesOf(em, id));
      if (wanted !== 'gone') await things.create(thingName);
      await this.foreign(
        things,
        device,
        certificates.map(({ fingerprint }) => fingerprint),
      );
      for (const certificate of certificates) await this.certificate(things, device, certificate);
      if (wanted === 'gone' && device.awsState !== 'gone') await things.delete(thingName);
      await this.database.transaction(everyCustomer, async (em) => {
        await this.mirror.deviceDone(em, id, wanted, certificates);
        if (device.problem !== null) await this.index.run(em, [id]);
      });
    } catch (error) {
      const { text, retryAt } = failureOf(error, this.clock.now());
      this.logger.warn({ err: error, thingName }, 'AWS IoT does not have a device as it is here, and is told again');
      await this.database.transaction(everyCustomer, async (em) => {
        await this.mirror.deviceFailed(em, id, text, retryAt);
        if (device.problem !== text) await this.index.run(em, [id]);
      });
    }
  }

  /** Certificates that its thing got at AWS IoT, by provisioning there, end and return with the device. */
  private async foreign(
    things: AwsThings,
    { thingName, state, awsState }: BehindDevice,
    ours: readonly string[],
  ): Promise<void> {
    const wanted = awsStateOf(state);
    if (awsState === null || awsState === wanted) return;
    const all = await things.certificates(thingName);
    for (const id of all.filter((one) => !ours.includes(one)))
      await things.setCertificate(id, wanted === 'open' ? 'ACTIVE' : 'INACTIVE');
  }

  /** Active when it is and its device may connect; what AWS IoT has so already is left alone. */
  private async certificate(
    things: AwsThings,
    { thingName, state, awsState }: BehindDevice,
    { fingerprint, pem, ...certificate }: MirroredCertificate,
  ): Promise<void> {
    const wanted = awsStateOf(state);
    if (certificate.awsState === certificate.state && (certificate.state === 'revoked' || awsState === wanted)) return;
    if (certificate.state === 'revoked' || wanted !== 'open') await things.setCertificate(fingerprint, 'INACTIVE');
    else if (pem) await things.addCertificate(thingName, pem);
    else if (!(await things.setCertificate(fingerprint, 'ACTIVE')))
      throw new DomainError(
        'CONFLICT',
        `certificate ${fingerprint.slice(0, 16)}… was not issued in AWS mode and AWS IoT does not know it: issue another one and revoke it`,
      );
  }
}
