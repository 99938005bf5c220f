import { Injectable } from '@nestjs/common';
import { Timelines } from '@throughline/availability';
import { type Contract, Contracts, type Stay } from '@throughline/contracts';
import { Clock, contains, type Interval, intersect, monthInterval, monthOf } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { type GuaranteePreview, previewGuarantee } from '@throughline/rating';
import { lookBack } from './rating-inputs.js';

export interface GuaranteeFigure extends GuaranteePreview {
  readonly month: string;
}

interface Case {
  readonly assetId: string;
  readonly contract: Contract;
  readonly month: string;
  readonly period: Interval;
  readonly contracted: Interval;
}

/** Stored entries read for one answer, of all its assets. */
const MAX_ENTRIES = 200_000;

/** Where assets stand against their contracts' guarantee. */
@Injectable()
export class GuaranteeFigures {
  constructor(
    private readonly database: Database,
    private readonly contracts: Contracts,
    private readonly timelines: Timelines,
    private readonly clock: Clock,
  ) {}

  /**
   * For a month (YYYY-MM), the running one when none is named; assets without contract or guarantee then are missing. Contracts
   * of one zone cost as many queries as one. Errors: INVALID_INPUT (month).
   */
  async of(
    scope: DataScope,
    assetIds: readonly string[],
    month?: string | null,
  ): Promise<Map<string, GuaranteeFigure>> {
    const now = this.clock.now().getTime();
    const cases = await this.cases(scope, assetIds, month ?? undefined, now);
    const figures = new Map<string, GuaranteeFigure>();
    for (const group of Map.groupBy(cases, ({ period }) => `${period.from} ${period.to}`).values()) {
      const [{ period } = { period: { from: 0, to: 0 } }] = group;
      const reach = Math.max(...group.map(({ contract }) => lookBack(contract.terms.guarantees)));
      const range = { from: period.from - reach, to: period.to };
      const ids = group.map((one) => one.assetId);
      const timelines = await this.timelines.timelinesOf(scope, ids, range, { maxEntries: MAX_ENTRIES });
      for (const { assetId, contract, contracted, month: named } of group) {
        const timeline = timelines.get(assetId) ?? [];
        const preview = previewGuarantee({ contracted, timeline }, contract.terms, period, now);
        if (preview) figures.set(assetId, { ...preview, month: named });
      }
    }
    return figures;
  }

  /** Contract and time of each asset in the month; of several stays the last. */
  private async cases(
    scope: DataScope,
    assetIds: readonly string[],
    month: string | undefined,
    now: number,
  ): Promise<Case[]> {
    // Wide enough for the month in every zone; each contract's own zone cuts it.
    const around = month === undefined ? { from: now, to: now + 1 } : widened(monthInterval(month, 'UTC'));
    const stays = await this.database.read(scope, (em) => this.contracts.staysOfAssets(em, assetIds, around));
    const contracts = await this.database.read(scope, (em) =>
      this.contracts.many(em, [...new Set(stays.map((stay) => stay.contractId))]),
    );
    const byId = new Map(contracts.map((contract) => [contract.id, contract]));
    const cases = stays.flatMap((stay) => {
      const contract = byId.get(stay.contractId);
      return contract ? caseOf(stay, contract, month, now) : [];
    });
    return [
      ...new Map(cases.sort((a, b) => a.contracted.from - b.contracted.from).map((c) => [c.assetId, c])).values(),
    ];
  }
}

function caseOf(stay: Stay, contract: Contract, month: string | undefined, now: number): Case[] {
  const named = month ?? monthOf(now, contract.timeZone);
  const period = monthInterval(named, contract.timeZone);
  const contracted = intersect({ from: stay.from, to: stay.to ?? Number.POSITIVE_INFINITY }, period);
  if (!contracted || (month === undefined && !contains(contracted, now))) return [];
  return [{ assetId: stay.assetId, contract, month: named, period, contracted }];
}

const DAY = 86_400_000;
const widened = ({ from, to }: Interval): Interval => ({ from: from - DAY, to: to + DAY });
