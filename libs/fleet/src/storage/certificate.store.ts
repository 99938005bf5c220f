import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { Certificate as CertificateRow } from '@throughline/schema/fleet';
import type { DeviceState } from '../domain/device-state.js';
import type { Certificate } from '../domain/registry.js';
import { asDate, plain } from './rows.js';

@Injectable()
export class CertificateStore {
  async byFingerprint(em: EntityManager, fingerprint: string): Promise<Certificate | undefined> {
    return (await this.byFingerprints(em, [fingerprint]))[0];
  }

  async byFingerprints(em: EntityManager, fingerprints: readonly string[]): Promise<Certificate[]> {
    const wanted = fingerprints.filter((fingerprint) => /^[0-9a-f]{64}$/.test(fingerprint));
    if (wanted.length === 0) return [];
    return (await em.find(CertificateRow, { fingerprint: { $in: wanted } }, plain)).map(toCertificate);
  }

  /** Newest first. */
  async ofDevices(em: EntityManager, deviceIds: readonly string[]): Promise<Certificate[]> {
    const where = { deviceId: { $in: [...deviceIds] } };
    return (await em.find(CertificateRow, where, { orderBy: { notBefore: 'desc', id: 'desc' }, ...plain })).map(
      toCertificate,
    );
  }

  /** Serial numbers of certificates, not expired yet, that are revoked or whose device is in one of the states. */
  async notWelcome(
    em: EntityManager,
    states: readonly DeviceState[],
    now: Date,
  ): Promise<{ serialNumber: string; revokedAt: Date }[]> {
    const rows = await em.execute<{ serial_number: string; revoked_at: string | null }[]>(
      `select c.serial_number, c.revoked_at from certificate c join device d on d.id = c.device_id
       where c.not_after > ? and (c.state = 'revoked' or d.state in (${states.map(() => '?').join(', ')})) order by c.serial_number`,
      [now, ...states],
    );
    return rows.map((row) => ({
      serialNumber: row.serial_number,
      revokedAt: row.revoked_at === null ? now : asDate(row.revoked_at),
    }));
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
