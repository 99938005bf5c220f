import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { AttemptStore } from '../../storage/provisioning/attempt.store.js';
import { IssuedCertificateStore } from '../../storage/provisioning/issued-certificate.store.js';
import { TlsRefusalStore } from '../../storage/provisioning/tls-refusal.store.js';

/** How long attempts and refused connections are kept. */
const KEPT_MS = 180 * 86_400_000;

/** Removes certificates that nobody redeemed in time, and old attempts. */
@Injectable()
export class CleanProvisioning {
  constructor(
    private readonly database: Database,
    private readonly issued: IssuedCertificateStore,
    private readonly attempts: AttemptStore,
    private readonly refusals: TlsRefusalStore,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    const now = this.clock.now();
    await this.database.transaction(everyCustomer, async (em) => {
      await this.issued.deleteExpired(em, now);
      await this.attempts.deleteBefore(em, new Date(now.getTime() - KEPT_MS));
      await this.refusals.deleteBefore(em, new Date(now.getTime() - KEPT_MS));
    });
  }
}
