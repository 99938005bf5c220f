import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { Certificate as CertificateRow } from '@throughline/schema/fleet';
import type { Certificate } from '../domain/registry.js';
import { plain } from './rows.js';

@Injectable()
export class CertificateStore {
  async byFingerprint(em: EntityManager, fingerprint: string): Promise<Certificate | undefined> {
    if (!/^[0-9a-f]{64}$/.test(fingerprint)) return undefined;
    const row = await em.findOne(CertificateRow, { fingerprint }, plain);
    return row ? toCertificate(row) : undefined;
  }

  /** Newest first. */
  async ofDevices(em: EntityManager, deviceIds: readonly string[]): Promise<Certificate[]> {
    const where = { deviceId: { $in: [...deviceIds] } };
    return (await em.find(CertificateRow, where, { orderBy: { notBefore: 'desc', id: 'desc' }, ...plain })).map(
      toCertificate,
    );
  }

  async insert(em: EntityManager, certificate: Certificate, customerId: string | null, createdAt: Date): Promise<void> {
    await em.insert(CertificateRow, { ...certificate, customerId, createdAt });
  }

  /** For AWS IoT, where it has to be registered. */
  async keepPem(em: EntityManager, id: string, pem: string): Promise<void> {
    await em.execute('update certificate set pem = ? where id = ?', [pem, id]);
  }

  async revoke(em: EntityManager, id: string, at: Date): Promise<void> {
    await em.execute(`update certificate set state = 'revoked', revoked_at = ? where id = ? and state = 'active'`, [
      at,
      id,
    ]);
  }
}

const toCertificate = (row: CertificateRow): Certificate => ({
  id: row.id,
  deviceId: row.deviceId,
  fingerprint: row.fingerprint,
  serialNumber: row.serialNumber,
  notBefore: row.notBefore,
  notAfter: row.notAfter,
  state: row.state,
  revokedAt: row.revokedAt ?? null,
  replacesId: row.replacesId ?? null,
});
