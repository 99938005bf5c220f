import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { RegisteredCa as Row } from '@throughline/schema/fleet';
import { plain } from '../rows.js';

export interface RegisteredCa {
  readonly id: string;
  /** SHA-256 of the DER, lower-case hex: AWS IoT's CA certificate id. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly certificatePem: string;
  readonly notAfter: Date;
  readonly templateId: string;
  readonly deactivatedAt: Date | null;
  readonly createdAt: Date;
}

@Injectable()
export class RegisteredCaStore {
  /** Newest first. There are few: their number is limited where they are registered. */
  async all(em: EntityManager): Promise<RegisteredCa[]> {
    return (await em.find(Row, {}, { orderBy: { createdAt: 'desc', id: 'desc' }, ...plain })).map(toCa);
  }

  async byId(em: EntityManager, id: string): Promise<RegisteredCa | undefined> {
    const row = isId(id) ? await em.findOne(Row, { id }, plain) : null;
    return row ? toCa(row) : undefined;
  }

  /** False when the CA is registered already. */
  async insert(em: EntityManager, ca: RegisteredCa): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `insert into registered_ca (id, fingerprint, subject, certificate_pem, not_after, template_id, created_at)
       values (?, ?, ?, ?, ?, ?, ?) on conflict (fingerprint) do nothing returning id`,
      [ca.id, ca.fingerprint, ca.subject, ca.certificatePem, ca.notAfter, ca.templateId, ca.createdAt],
    );
    return rows.length === 1;
  }

  async deactivate(em: EntityManager, id: string, at: Date): Promise<void> {
    await em.execute('update registered_ca set deactivated_at = ? where id = ? and deactivated_at is null', [at, id]);
  }
}

const toCa = (row: Row): RegisteredCa => ({
  id: row.id,
  fingerprint: row.fingerprint,
  subject: row.subject,
  certificatePem: row.certificatePem,
  notAfter: row.notAfter,
  templateId: row.templateId,
  deactivatedAt: row.deactivatedAt ?? null,
  createdAt: row.createdAt,
});
