import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import { type Connection, type EntityManager, keysetPage, type PageRequest } from '@throughline/platform';
import { ClaimBatch as Row } from '@throughline/schema/fleet';
import type { ClaimBatch } from '../../domain/provisioning/claim-batch.js';
import { plain } from '../rows.js';
import { mapped } from './pages.js';

@Injectable()
export class ClaimBatchStore {
  async byId(em: EntityManager, id: string): Promise<ClaimBatch | undefined> {
    const row = await em.findOne(Row, { id }, plain);
    return row ? toBatch(row) : undefined;
  }

  async byFingerprint(em: EntityManager, fingerprint: string): Promise<ClaimBatch | undefined> {
    const row = await em.findOne(Row, { fingerprint }, plain);
    return row ? toBatch(row) : undefined;
  }

  /** Held until the transaction ends: what a batch may still make is counted by one at a time. */
  async lock(em: EntityManager, id: string): Promise<ClaimBatch | undefined> {
    if (!isId(id)) return undefined;
    await em.execute('select 1 from claim_batch where id = ? for update', [id]);
    return this.byId(em, id);
  }

  /** Newest first. */
  async page(em: EntityManager, page: PageRequest): Promise<Connection<ClaimBatch>> {
    const found = await keysetPage(em, Row, {
      list: 'claimBatches',
      sort: [
        { property: 'createdAt', type: 'date', direction: 'desc' },
        { property: 'id', type: 'string', direction: 'desc' },
      ],
      page,
    });
    return mapped(found, toBatch);
  }

  /** False when the name is taken. */
  async insert(em: EntityManager, b: ClaimBatch, serialNumbers: readonly string[]): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `insert into claim_batch (id, name, template_id, max_count, expires_at, serials_listed, fingerprint, created_at)
       values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (name) do nothing returning id`,
      [b.id, b.name, b.templateId, b.maxCount, b.expiresAt, b.serialsListed, b.fingerprint, b.createdAt],
    );
    if (rows.length === 0) return false;
    await em.execute(
      'insert into claim_serial (batch_id, serial_number) select ?, jsonb_array_elements_text(?::jsonb)',
      [b.id, JSON.stringify(serialNumbers)],
    );
    return true;
  }

  async deactivate(em: EntityManager, id: string, at: Date): Promise<void> {
    await em.execute('update claim_batch set deactivated_at = ? where id = ? and deactivated_at is null', [at, id]);
  }

  async countOne(em: EntityManager, id: string): Promise<void> {
    await em.execute('update claim_batch set provisioned_count = provisioned_count + 1 where id = ?', [id]);
  }

  /** Whether a batch lists that serial number; the device that it became, once it has. */
  async serial(
    em: EntityManager,
    batchId: string,
    serialNumber: string,
  ): Promise<{ deviceId: string | null } | undefined> {
    const [row] = await em.execute<{ device_id: string | null }[]>(
      'select device_id from claim_serial where batch_id = ? and serial_number = ?',
      [batchId, serialNumber],
    );
    return row && { deviceId: row.device_id };
  }

  async takeSerial(em: EntityManager, batchId: string, serialNumber: string, deviceId: string): Promise<void> {
    await em.execute('update claim_serial set device_id = ? where batch_id = ? and serial_number = ?', [
      deviceId,
      batchId,
      serialNumber,
    ]);
  }
}

const toBatch = (row: Row): ClaimBatch => ({
  id: row.id,
  name: row.name,
  templateId: row.templateId,
  maxCount: row.maxCount,
  provisionedCount: row.provisionedCount,
  expiresAt: row.expiresAt,
  deactivatedAt: row.deactivatedAt ?? null,
  serialsListed: row.serialsListed,
  fingerprint: row.fingerprint,
  createdAt: row.createdAt,
});
