import { Injectable } from '@nestjs/common';
import { Clock, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { normalFingerprint } from '../domain/certificate-profile.js';
import type { Certificate } from '../domain/registry.js';
import { CertificateStore } from '../storage/certificate.store.js';
import { DirectoryChanges } from './directory-changes.js';

@Injectable()
export class RevokeCertificate {
  constructor(
    private readonly database: Database,
    private readonly certificates: CertificateStore,
    private readonly directory: DirectoryChanges,
    private readonly clock: Clock,
  ) {}

  /** Its sessions are cut and the next connection with it is refused; done again it changes nothing. Errors: NOT_FOUND. */
  async run(scope: DataScope, { fingerprint }: { fingerprint: string }): Promise<Certificate> {
    const revoked = await this.database.transaction(scope, async (em) => {
      const found = await this.certificates.byFingerprint(em, normalFingerprint(fingerprint));
      if (!found) throw notFound('certificate', fingerprint);
      if (found.state === 'revoked') return found;
      const revokedAt = this.clock.now();
      await this.certificates.revoke(em, found.id, revokedAt);
      return { ...found, state: 'revoked' as const, revokedAt };
    });
    this.directory.announce([revoked.deviceId]);
    return revoked;
  }
}
