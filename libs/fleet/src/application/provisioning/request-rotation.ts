import { Inject, Injectable } from '@nestjs/common';
import { Clock, DomainError, invalid, isId, notFound } from '@throughline/kernel';
import {
  CONFIG,
  type Config,
  Database,
  type DataScope,
  defineEvent,
  type EntityManager,
  everyCustomer,
  Outbox,
} from '@throughline/platform';
import { z } from 'zod';
import { type DueCertificate, RotationStore } from '../../storage/provisioning/rotation.store.js';

/**
 * A device shall get a new certificate: it is to be told (with a job whose document is {"operation":"rotate-certificate"}) and
 * then publishes a signing request on `$aws/certificates/create-from-csr/…`.
 */
export const certificateRotationDue = defineEvent(
  'fleet.certificate-rotation-due',
  z.object({
    deviceId: z.uuid(),
    thingName: z.string(),
    /** Fingerprint of the certificate to be replaced, which is AWS IoT's id. */
    certificateId: z.string(),
    /** ms */
    notAfter: z.number().int(),
  }),
);

const MAX_DEVICES = 1_000;
const BATCH = 500;
/** A device that did not follow is asked again after this time. */
const ASK_AGAIN_MS = 7 * 86_400_000;

@Injectable()
export class RequestRotation {
  constructor(
    private readonly database: Database,
    private readonly rotations: RotationStore,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'aws'>,
  ) {}

  /**
   * Asks these devices, at most 1,000; gives how many had a certificate to rotate. Errors: INVALID_INPUT; NOT_FOUND; CONFLICT in
   * AWS mode, where the topic that devices would ask on is AWS IoT's.
   */
  async run(scope: DataScope, deviceIds: readonly string[]): Promise<number> {
    if (this.config.aws)
      throw new DomainError(
        'CONFLICT',
        'in AWS mode certificates are not rotated from here: issue another one and revoke the old',
      );
    const ids = [...new Set(deviceIds)];
    if (ids.length === 0 || ids.length > MAX_DEVICES)
      throw invalid({ field: 'deviceIds', value: ids.length, rule: `must be 1 to ${MAX_DEVICES}` });
    const strange = ids.find((id) => !isId(id));
    if (strange !== undefined) throw invalid({ field: 'deviceIds', value: strange, rule: 'must be ids' });
    return this.database.transaction(scope, async (em) => {
      const due = await this.rotations.newestActive(em, ids);
      const missing = ids.find((id) => !due.some((c) => c.deviceId === id));
      if (missing !== undefined && ids.length === 1) throw notFound('device with an active certificate', missing);
      await this.ask(em, due);
      return due.length;
    });
  }

  /** Asks every device whose certificate has two thirds of its life behind it; gives how many. */
  async allDue(): Promise<number> {
    if (this.config.aws) return 0;
    const now = this.clock.now();
    const askedBefore = new Date(now.getTime() - ASK_AGAIN_MS);
    for (let asked = 0; ; ) {
      const due = await this.database.transaction(everyCustomer, async (em) => {
        const batch = await this.rotations.due(em, now, askedBefore, BATCH);
        await this.ask(em, batch);
        return batch.length;
      });
      asked += due;
      if (due < BATCH) return asked;
    }
  }

  private async ask(em: EntityManager, due: readonly DueCertificate[]): Promise<void> {
    for (const { deviceId, thingName, fingerprint, notAfter } of due)
      await this.outbox.publish(em, certificateRotationDue, {
        deviceId,
        thingName,
        certificateId: fingerprint,
        notAfter: notAfter.getTime(),
      });
    await this.rotations.setAsked(
      em,
      due.map((c) => c.id),
      this.clock.now(),
    );
  }
}
