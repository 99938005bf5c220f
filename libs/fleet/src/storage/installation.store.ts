import { Injectable } from '@nestjs/common';
import { DomainError } from '@throughline/kernel';
import { type EntityManager, violatedConstraint } from '@throughline/platform';
import { Installation as InstallationRow } from '@throughline/schema/fleet';
import type { Installation } from '../domain/registry.js';
import { plain } from './rows.js';

/** Constraint → what it says to a person. */
const overlaps: Readonly<Record<string, string>> = {
  installation_one_asset_a_time: 'the device is installed at another asset in that time',
  installation_one_device_a_time:
    'the asset has another device in that time: end that installation first, or swap the device',
};

@Injectable()
export class InstallationStore {
  async byId(em: EntityManager, id: string): Promise<Installation | undefined> {
    const row = await em.findOne(InstallationRow, { id }, plain);
    return row ? toInstallation(row) : undefined;
  }

  /** Oldest first. */
  async ofDevices(em: EntityManager, deviceIds: readonly string[]): Promise<Installation[]> {
    return this.list(em, { deviceId: { $in: [...deviceIds] } });
  }

  /** Those that run, of the assets. */
  async runningOfAssets(em: EntityManager, assetIds: readonly string[]): Promise<Installation[]> {
    return this.list(em, { assetId: { $in: [...assetIds] }, toAt: null });
  }

  /** Those that run, of the devices. */
  async runningOfDevices(em: EntityManager, deviceIds: readonly string[]): Promise<Installation[]> {
    return this.list(em, { deviceId: { $in: [...deviceIds] }, toAt: null });
  }

  /** Those of the assets that touch [from, to), oldest first. */
  async ofAssets(em: EntityManager, assetIds: readonly string[], from: Date, to: Date): Promise<Installation[]> {
    return this.list(em, {
      assetId: { $in: [...assetIds] },
      fromAt: { $lt: to },
      $or: [{ toAt: null }, { toAt: { $gt: from } }],
    });
  }

  /** Throws CONFLICT when device or asset is in another installation at a time of this one. */
  async insert(em: EntityManager, i: Installation): Promise<void> {
    try {
      await em.execute(
        'insert into installation (id, device_id, asset_id, customer_id, from_at, to_at, loan) values (?, ?, ?, ?, ?, ?, ?)',
        [i.id, i.deviceId, i.assetId, i.customerId, i.from, i.to, i.loan],
      );
    } catch (error) {
      const text = overlaps[violatedConstraint(error) ?? ''];
      if (text) throw new DomainError('CONFLICT', text, [], { cause: error });
      throw error;
    }
  }

  async end(em: EntityManager, id: string, to: Date): Promise<void> {
    await em.execute('update installation set to_at = ? where id = ?', [to, id]);
  }

  private async list(
    em: EntityManager,
    where: Parameters<typeof em.find<InstallationRow>>[1],
  ): Promise<Installation[]> {
    return (await em.find(InstallationRow, where, { orderBy: { fromAt: 'asc' }, ...plain })).map(toInstallation);
  }
}

const toInstallation = (row: InstallationRow): Installation => ({
  id: row.id,
  deviceId: row.deviceId,
  assetId: row.assetId,
  customerId: row.customerId,
  from: row.fromAt,
  to: row.toAt ?? null,
  loan: row.loan,
});
