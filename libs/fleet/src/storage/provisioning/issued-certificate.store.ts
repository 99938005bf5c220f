import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { IssuedCertificate as Row } from '@throughline/schema/fleet';
import { asDate, plain } from '../rows.js';

/** A certificate made for a key of a board. */
export interface IssuedCertificate {
  readonly id: string;
  readonly keyHash: string;
  readonly fingerprint: string;
  readonly serialNumber: string;
  readonly certificatePem: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The claim that asked for it; null when a device did. */
  readonly batchId: string | null;
  readonly clientId: string;
  readonly tokenExpiresAt: Date;
  /** Whose it is; null until its token is redeemed. */
  readonly deviceId: string | null;
  readonly requestHash: string | null;
  readonly redeemedAt: Date | null;
}

interface Raw {
  id: string;
  key_hash: string;
  fingerprint: string;
  serial_number: string;
  certificate_pem: string;
  not_before: string;
  not_after: string;
  batch_id: string | null;
  client_id: string;
  token_expires_at: string;
  device_id: string | null;
  request_hash: string | null;
  redeemed_at: string | null;
}

@Injectable()
export class IssuedCertificateStore {
  /** Held until the transaction ends. */
  async lockByKey(em: EntityManager, keyHash: string): Promise<IssuedCertificate | undefined> {
    return this.lock(em, 'key_hash', keyHash);
  }

  /** Held until the transaction ends. */
  async lockById(em: EntityManager, id: string): Promise<IssuedCertificate | undefined> {
    return this.lock(em, 'id', id);
  }

  async byId(em: EntityManager, id: string): Promise<IssuedCertificate | undefined> {
    const [row] = await em.execute<Raw[]>('select * from issued_certificate where id = ?', [id]);
    return row && fromRaw(row);
  }

  /** False when another row has that key. */
  async insert(em: EntityManager, issued: IssuedCertificate, at: Date): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `insert into issued_certificate (id, key_hash, fingerprint, serial_number, certificate_pem, not_before, not_after,
         batch_id, client_id, token_expires_at, device_id, created_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (key_hash) do nothing returning id`,
      [
        issued.id,
        issued.keyHash,
        issued.fingerprint,
        issued.serialNumber,
        issued.certificatePem,
        issued.notBefore,
        issued.notAfter,
        issued.batchId,
        issued.clientId,
        issued.tokenExpiresAt,
        issued.deviceId,
        at,
      ],
    );
    return rows.length === 1;
  }

  /** The token is another client's, or good for longer, from now on. */
  async rebind(em: EntityManager, id: string, clientId: string, tokenExpiresAt: Date): Promise<void> {
    await em.execute('update issued_certificate set client_id = ?, token_expires_at = ? where id = ?', [
      clientId,
      tokenExpiresAt,
      id,
    ]);
  }

  async redeem(em: EntityManager, id: string, deviceId: string, requestHash: string, at: Date): Promise<void> {
    await em.execute('update issued_certificate set device_id = ?, request_hash = ?, redeemed_at = ? where id = ?', [
      deviceId,
      requestHash,
      at,
      id,
    ]);
  }

  /** How many of a batch wait for their token to be redeemed. */
  async waiting(em: EntityManager, batchId: string, now: Date): Promise<number> {
    const [row] = await em.execute<{ n: number }[]>(
      'select count(*)::int as n from issued_certificate where batch_id = ? and device_id is null and token_expires_at > ?',
      [batchId, now],
    );
    return row?.n ?? 0;
  }

  /** Whether a device has a certificate that was redeemed by a claim of that batch. */
  async madeBy(em: EntityManager, batchId: string, deviceId: string): Promise<boolean> {
    return (await em.count(Row, { batchId, deviceId })) > 0;
  }

  async isPending(em: EntityManager, fingerprint: string): Promise<boolean> {
    return (await em.findOne(Row, { fingerprint, deviceId: null }, plain)) !== null;
  }

  /** Those whose token was never redeemed; gives how many. */
  async deleteExpired(em: EntityManager, before: Date): Promise<number> {
    const rows = await em.execute<unknown[]>(
      'delete from issued_certificate where device_id is null and token_expires_at < ? returning id',
      [before],
    );
    return rows.length;
  }

  private async lock(
    em: EntityManager,
    column: 'id' | 'key_hash',
    value: string,
  ): Promise<IssuedCertificate | undefined> {
    const [row] = await em.execute<Raw[]>(`select * from issued_certificate where ${column} = ? for update`, [value]);
    return row && fromRaw(row);
  }
}

const fromRaw = (row: Raw): IssuedCertificate => ({
  id: row.id,
  keyHash: row.key_hash,
  fingerprint: row.fingerprint,
  serialNumber: row.serial_number,
  certificatePem: row.certificate_pem,
  notBefore: asDate(row.not_before),
  notAfter: asDate(row.not_after),
  batchId: row.batch_id,
  clientId: row.client_id,
  tokenExpiresAt: asDate(row.token_expires_at),
  deviceId: row.device_id,
  requestHash: row.request_hash,
  redeemedAt: row.redeemed_at === null ? null : asDate(row.redeemed_at),
});
