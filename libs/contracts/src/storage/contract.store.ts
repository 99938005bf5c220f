import { Injectable } from '@nestjs/common';
import type { Interval } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { ContractAsset as ContractAssetRow, Contract as ContractRow } from '@throughline/schema/contracts';
import type { Contract, Stay } from '../domain/contract.js';
import { toJson, toTerms } from './plan.store.js';
import { plain } from './rows.js';

/** Another contract that an asset is under at the same time. */
export interface Overlap {
  readonly assetId: string;
  readonly contractNumber: string;
  readonly from: number;
  readonly to: number | null;
}

@Injectable()
export class ContractStore {
  async byIds(em: EntityManager, ids: readonly string[]): Promise<Contract[]> {
    return (await em.find(ContractRow, { id: { $in: [...ids] } }, plain)).map(toContract);
  }

  /** By number. */
  async ofCustomers(em: EntityManager, customerIds: readonly string[]): Promise<Contract[]> {
    const where = { customerId: { $in: [...customerIds] } };
    return (await em.find(ContractRow, where, { orderBy: { number: 'asc' }, ...plain })).map(toContract);
  }

  /** All that one may see, by number; those that run at some instant of `during`, when it is given. */
  async all(em: EntityManager, during?: Interval): Promise<Contract[]> {
    const where = during ? overlapping(during) : {};
    return (await em.find(ContractRow, where, { orderBy: { number: 'asc' }, ...plain })).map(toContract);
  }

  /** By number. */
  async page(
    em: EntityManager,
    customerId: string | undefined,
    limit: number,
    after: string | undefined,
  ): Promise<{ rows: Contract[]; total: number }> {
    const where = customerId === undefined ? {} : { customerId };
    const total = await em.count(ContractRow, where);
    const rows = await em.find(ContractRow, after === undefined ? where : { ...where, number: { $gt: after } }, {
      orderBy: { number: 'asc' },
      limit,
      ...plain,
    });
    return { rows: rows.map(toContract), total };
  }

  async insert(
    em: EntityManager,
    contract: Contract,
    stays: readonly (Stay & { readonly id: string })[],
    createdAt: Date,
  ): Promise<void> {
    const { from, to, terms, ...rest } = contract;
    await em.insert(ContractRow, {
      ...rest,
      terms: toJson(terms),
      fromAt: new Date(from),
      toAt: dateOf(to),
      createdAt,
    });
    await em.insertMany(
      ContractAssetRow,
      stays.map((stay) => ({
        id: stay.id,
        contractId: stay.contractId,
        assetId: stay.assetId,
        customerId: contract.customerId,
        fromAt: new Date(stay.from),
        toAt: dateOf(stay.to),
      })),
    );
  }

  /** Holds the contract until the transaction ends. */
  async lock(em: EntityManager, id: string): Promise<Contract | undefined> {
    const [row] = await em.execute<{ id: string }[]>('select id from contract where id = ? for update', [id]);
    return row && (await this.byIds(em, [row.id]))[0];
  }

  /** Cuts the contract and its assets' stays at an instant after its begin; stays that began later go. */
  async cut(em: EntityManager, id: string, to: number): Promise<void> {
    const toAt = new Date(to);
    await em.nativeUpdate(ContractRow, { id }, { toAt });
    await em.nativeDelete(ContractAssetRow, { contractId: id, fromAt: { $gte: toAt } });
    await em.nativeUpdate(
      ContractAssetRow,
      { contractId: id, $or: [{ toAt: null }, { toAt: { $gt: toAt } }] },
      { toAt },
    );
  }

  /** Stays of the contracts' assets, by begin; those that touch `during`, when it is given. */
  async staysOf(em: EntityManager, contractIds: readonly string[], during?: Interval): Promise<Stay[]> {
    const where = { contractId: { $in: [...contractIds] }, ...(during && overlapping(during)) };
    const rows = await em.find(ContractAssetRow, where, { orderBy: { fromAt: 'asc', assetId: 'asc' }, ...plain });
    return rows.map(toStay);
  }

  /** Stays of assets under any contract that touch `during`. */
  async staysOfAssets(em: EntityManager, assetIds: readonly string[], during: Interval): Promise<Stay[]> {
    const where = { assetId: { $in: [...assetIds] }, ...overlapping(during) };
    return (await em.find(ContractAssetRow, where, { orderBy: { fromAt: 'asc' }, ...plain })).map(toStay);
  }

  /** Which of the assets are under a contract already at some instant of `during`. */
  async overlaps(em: EntityManager, assetIds: readonly string[], during: Interval): Promise<Overlap[]> {
    const stays = await this.staysOfAssets(em, assetIds, during);
    const contracts = new Map(
      (await this.byIds(em, [...new Set(stays.map((s) => s.contractId))])).map((c) => [c.id, c]),
    );
    return stays.map((stay) => ({
      assetId: stay.assetId,
      contractNumber: contracts.get(stay.contractId)?.number ?? stay.contractId,
      from: stay.from,
      to: stay.to,
    }));
  }
}

/** Rows whose [fromAt, toAt) shares an instant with an interval, whose end may be Infinity. */
const overlapping = ({ from, to }: Interval) => ({
  ...(Number.isFinite(to) && { fromAt: { $lt: new Date(to) } }),
  $or: [{ toAt: null }, { toAt: { $gt: new Date(from) } }],
});

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

const toContract = (row: ContractRow): Contract => ({
  id: row.id,
  number: row.number,
  customerId: row.customerId,
  planVersionId: row.planVersionId,
  terms: toTerms(row.terms),
  currency: row.currency,
  timeZone: row.timeZone,
  from: row.fromAt.getTime(),
  to: row.toAt?.getTime() ?? null,
});

const toStay = (row: ContractAssetRow): Stay => ({
  contractId: row.contractId,
  assetId: row.assetId,
  from: row.fromAt.getTime(),
  to: row.toAt?.getTime() ?? null,
});
