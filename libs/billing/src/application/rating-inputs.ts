import { Injectable } from '@nestjs/common';
import { lookBackMs, Timelines } from '@throughline/availability';
import { type Contract, Contracts, type Terms } from '@throughline/contracts';
import { type Asset, Assets } from '@throughline/fleet';
import { type Interval, intersect, localTime } from '@throughline/kernel';
import { Usage } from '@throughline/metering';
import { Database, type DataScope, type EntityManager } from '@throughline/platform';
import { type RatedAsset, type RatedLine, rate } from '@throughline/rating';
import type { ContractStay } from '@throughline/schema/billing';
import type { Stretch } from './completeness.js';

/** A contract, possibly under other terms than its own. */
export type RatedContract = Pick<Contract, 'id' | 'terms' | 'timeZone'>;

/** Gathers what rating needs of a contract's period, as it is known or was known at an instant. */
@Injectable()
export class RatingInputs {
  constructor(
    private readonly database: Database,
    private readonly contracts: Contracts,
    private readonly assets: Assets,
    private readonly timelines: Timelines,
    private readonly usage: Usage,
  ) {}

  /** What the contract owes for the period; `storedBefore` leaves out what was stored at or after it. */
  async rated(scope: DataScope, contract: RatedContract, period: Interval, storedBefore?: Date): Promise<RatedLine[]> {
    const assets = await this.assetsOf(scope, contract, period, storedBefore);
    return rate({ terms: contract.terms, period, timeZone: contract.timeZone, assets });
  }

  /** Its assets with their windows and timelines; one for each stay of an asset under the contract. */
  async assetsOf(
    scope: DataScope,
    contract: RatedContract,
    period: Interval,
    storedBefore?: Date,
  ): Promise<RatedAsset[]> {
    return this.database.read(scope, async (em) => {
      const stays = await this.staysOf(em, contract.id, period);
      const ids = [...new Set(stays.map((stay) => stay.assetId))];
      if (ids.length === 0) return [];
      const assets = await this.assets.many(scope, ids);
      const labels = new Map(assets.map((asset) => [asset.id, labelOf(asset, period, contract.timeZone)]));
      const windows = await this.windows(scope, contract.terms, ids, period, storedBefore);
      const timelines = await this.timelinesOf(scope, contract.terms, ids, period, storedBefore);
      return stays.map(({ assetId, from, to }) => ({
        assetId,
        label: labels.get(assetId) ?? assetId,
        contracted: { from, to },
        windows: windows.get(assetId) ?? [],
        timeline: timelines.get(assetId) ?? [],
      }));
    });
  }

  /** Stays of assets under a contract, cut to the period. */
  async staysOf(em: EntityManager, contractId: string, period: Interval): Promise<Stretch[]> {
    return cutTo(period, await this.contracts.assetsOf(em, contractId, period));
  }

  /** All stays of assets under a contract as they are agreed now, for a statement to keep. */
  async allStaysOf(em: EntityManager, contractId: string): Promise<ContractStay[]> {
    const stays = await this.contracts.assetsOf(em, contractId);
    return stays.map(({ assetId, from, to }) => ({ assetId, from, to }));
  }

  private async windows(
    scope: DataScope,
    terms: Terms,
    assetIds: readonly string[],
    interval: Interval,
    storedBefore: Date | undefined,
  ): Promise<Map<string, RatedAsset['windows']>> {
    const meters = [...new Set(terms.charges.flatMap((charge) => (charge.kind === 'usage' ? [charge.meter] : [])))];
    if (meters.length === 0) return new Map();
    const query = { assetIds, interval, meters, storedBefore: storedBefore && lastKnown(storedBefore) };
    return Map.groupBy(await this.usage.windows(scope, query), (window) => window.assetId);
  }

  private async timelinesOf(
    scope: DataScope,
    { guarantees }: Terms,
    assetIds: readonly string[],
    period: Interval,
    storedBefore: Date | undefined,
  ): Promise<Map<string, RatedAsset['timeline']>> {
    if (guarantees.length === 0) return new Map();
    const range = { from: period.from - lookBack(guarantees), to: period.to };
    const asOf = storedBefore && lastKnown(storedBefore);
    return this.timelines.timelinesOf(scope, assetIds, range, { asOf });
  }
}

/** A retired machine is owed for as long as its contract runs, so its lines say that it is out of service. */
function labelOf({ name, retiredAt }: Asset, period: Interval, zone: string): string {
  if (!retiredAt || retiredAt.getTime() >= period.to) return name;
  const { year, month, day } = localTime(retiredAt.getTime(), zone);
  return `${name} (retired ${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')})`;
}

/** The parts of stays that lie within a period. */
export const cutTo = (period: Interval, stays: readonly ContractStay[]): Stretch[] =>
  stays.flatMap(({ assetId, from, to }) => {
    const part = intersect({ from, to: to ?? Number.POSITIVE_INFINITY }, period);
    return part ? [{ assetId, ...part }] : [];
  });

/** How far before a period the timeline must reach for all guarantees, ms. */
export const lookBack = (guarantees: Terms['guarantees']): number =>
  Math.max(0, ...guarantees.map((guarantee) => lookBackMs(guarantee.definition)));

/** Stored times are whole milliseconds, and what was known is asked for up to and with one. */
export const lastKnown = (storedBefore: Date): Date => new Date(storedBefore.getTime() - 1);
