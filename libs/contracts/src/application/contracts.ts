import { Injectable } from '@nestjs/common';
import { type Interval, isId } from '@throughline/kernel';
import {
  type Connection,
  connectionOf,
  decodeCursor,
  type EntityManager,
  type PageRequest,
} from '@throughline/platform';
import type { Contract, Stay } from '../domain/contract.js';
import { ContractStore } from '../storage/contract.store.js';

const LIST = 'contracts';

/** Reading of contracts, within the caller's transaction and its data scope. */
@Injectable()
export class Contracts {
  constructor(private readonly contracts: ContractStore) {}

  /** Undefined when it does not exist or is not the caller's to see. */
  async get(em: EntityManager, id: string): Promise<Contract | undefined> {
    return (await this.many(em, [id]))[0];
  }

  /** Those that exist and are visible, in no order. */
  many(em: EntityManager, ids: readonly string[]): Promise<Contract[]> {
    return this.contracts.byIds(em, ids.filter(isId));
  }

  /** All that are visible, by number. */
  all(em: EntityManager): Promise<Contract[]> {
    return this.contracts.all(em);
  }

  /** By number. */
  ofCustomer(em: EntityManager, customerId: string): Promise<Contract[]> {
    return this.ofCustomers(em, [customerId]);
  }

  /** By number. */
  ofCustomers(em: EntityManager, customerIds: readonly string[]): Promise<Contract[]> {
    return this.contracts.ofCustomers(em, customerIds.filter(isId));
  }

  /** Those that run at some instant of an interval, by number. */
  activeDuring(em: EntityManager, during: Interval): Promise<Contract[]> {
    return this.contracts.all(em, during);
  }

  /** Which assets are under a contract when: their stays that touch `during` (not cut to it), all when it is not given. */
  assetsOf(em: EntityManager, contractId: string, during?: Interval): Promise<Stay[]> {
    return this.staysOf(em, [contractId], during);
  }

  /** The same of several contracts. */
  staysOf(em: EntityManager, contractIds: readonly string[], during?: Interval): Promise<Stay[]> {
    return this.contracts.staysOf(em, contractIds.filter(isId), during);
  }

  /** The stays of assets under any contract that touch `during` (not cut to it), by their begin. */
  staysOfAssets(em: EntityManager, assetIds: readonly string[], during: Interval): Promise<Stay[]> {
    return this.contracts.staysOfAssets(em, assetIds.filter(isId), during);
  }

  /** Asset id → the contract it is under at an instant (ms); assets without one are missing. */
  async ofAssets(em: EntityManager, assetIds: readonly string[], instant: number): Promise<Map<string, Contract>> {
    const during = { from: instant, to: instant + 1 };
    const stays = await this.contracts.staysOfAssets(em, assetIds.filter(isId), during);
    const contracts = await this.contracts.byIds(em, [...new Set(stays.map((stay) => stay.contractId))]);
    return new Map(
      stays.flatMap((stay) => {
        const contract = contracts.find((c) => c.id === stay.contractId);
        return contract ? [[stay.assetId, contract] as const] : [];
      }),
    );
  }

  /** A page by number, of one customer when it is given. */
  async page(em: EntityManager, page: PageRequest, customerId?: string | null): Promise<Connection<Contract>> {
    const [after] = page.after === undefined ? [] : decodeCursor(LIST, page.after, ['string']);
    const unknown = customerId !== undefined && customerId !== null && !isId(customerId);
    const { rows, total } = unknown
      ? { rows: [], total: 0 }
      : await this.contracts.page(
          em,
          customerId ?? undefined,
          page.first + 1,
          after === undefined ? after : String(after),
        );
    return connectionOf(
      LIST,
      rows,
      page,
      total,
      (contract) => [contract.number],
      (contract) => contract,
    );
  }
}
