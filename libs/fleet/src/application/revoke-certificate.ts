import { Injectable } from '@nestjs/common';
import { Clock, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { normalFingerprint } from '../domain/certificate-profile.js';
import type { Certificate } from '../domain/registry.js';
import { CertificateStore } from '../storage/certificate.store.js';

@Injectable()
export class RevokeCertificate {
  constructor(
    private readonly database: Database,
    private readonly certificates: CertificateStore,
    private readonly clock: Clock,
  ) {}

  /** The next connection with it is refused; done again it changes nothing. Errors: NOT_FOUND. */
  async run(scope: DataScope, { fingerprint }: { fingerprint: string }): Promise<Certificate> {
    return this.database.transaction(scope, async (em) => {
      const found = await this.certificates.byFingerprint(em, normalFingerprint(fingerprint));
      if (!found) throw notFound('certificate', fingerprint);
      if (found.state === 'revoked') return found;
      const revokedAt = this.clock.now();
      await this.certificates.revoke(em, found.id, revokedAt);
      return { ...found, state: 'revoked', revokedAt };
    });
  }
}
