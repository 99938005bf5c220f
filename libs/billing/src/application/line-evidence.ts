import { Injectable } from '@nestjs/common';
import { type TimelineInterval, Timelines } from '@throughline/availability';
import type { Contract } from '@throughline/contracts';
import { type Interval, invalid, Quantity } from '@throughline/kernel';
import { type EvidencedWindow, Usage } from '@throughline/metering';
import {
  type Connection,
  type CursorKey,
  connectionOf,
  Database,
  type DataScope,
  decodeCursor,
  type PageRequest,
} from '@throughline/platform';
import type { Statement, StatementLine } from '@throughline/schema/billing';
import { MessageReader, type StoredReading } from '@throughline/telemetry';
import { basisOf, clipped, type LineBasis } from '../domain/line-basis.js';
import type { Stretch } from './completeness.js';
import { type Place, pageOfAll } from './page-of-all.js';
import { cutTo, lastKnown, RatingInputs } from './rating-inputs.js';

/** A line with what is needed to find what it rests on. */
export interface EvidencedLine {
  readonly statement: Statement;
  readonly line: StatementLine;
  readonly contract: Contract;
}

export interface AssetShare {
  readonly assetId: string;
  readonly quantity: Quantity | undefined;
  readonly windowCount: number;
}

export interface EvidenceSummary {
  readonly assets: readonly AssetShare[];
  readonly windowCount: number;
  readonly estimatedCount: number;
  readonly messageCount: number;
  /** Undefined where it was not counted: for corrections of other months. */
  readonly missingCount: number | undefined;
}

export interface AssetInterval {
  readonly assetId: string;
  readonly interval: TimelineInterval;
}

const WINDOWS = 'evidence-windows';
const MESSAGES = 'evidence-messages';
const MAX_MESSAGE_SPAN_MS = 32 * 86_400_000;

/** What a statement's line rests on, as it was known when the statement was rated: rows that came later are not part of it. */
@Injectable()
export class LineEvidence {
  constructor(
    private readonly database: Database,
    private readonly inputs: RatingInputs,
    private readonly usage: Usage,
    private readonly timelines: Timelines,
    private readonly messages: MessageReader,
  ) {}

  async summary(scope: DataScope, of: EvidencedLine): Promise<EvidenceSummary> {
    const { basis, stays } = await this.ground(scope, of);
    const totals = basis.kind === 'windows' ? await this.totals(scope, of, basis, stays) : [];
    const assetIds = [...new Set(stays.map((stay) => stay.assetId))];
    const own = totals.filter((total) => assetIds.includes(total.assetId));
    const sum = (pick: (total: (typeof own)[number]) => number): number => own.reduce((n, t) => n + pick(t), 0);
    const counted = this.counted(of, basis, assetIds);
    return {
      assets: assetIds.map((assetId) => {
        const mine = own.filter((total) => total.assetId === assetId);
        return {
          assetId,
          quantity:
            basis.kind === 'windows'
              ? added(
                  mine.map((t) => t.quantity),
                  basis.unit,
                )
              : undefined,
          windowCount: mine.reduce((n, t) => n + t.windows, 0),
        };
      }),
      windowCount: sum((total) => total.windows),
      estimatedCount: sum((total) => total.estimated),
      messageCount: basis.kind === 'windows' ? sum((total) => total.messages) : (counted?.stored ?? 0),
      missingCount: counted?.missing,
    };
  }

  /** By asset and hour; empty for an asset that is not on the line. Errors: INVALID_INPUT (cursor). */
  async windows(
    scope: DataScope,
    of: EvidencedLine,
    page: PageRequest,
    assetId?: string | null,
  ): Promise<Connection<EvidencedWindow>> {
    const { basis, stays } = await this.ground(scope, of, assetId);
    if (basis.kind !== 'windows') return pageOfAll<EvidencedWindow>(WINDOWS, [], page, windowPlace);
    const [first] = stays;
    const together = stays.every((stay) => stay.from === first?.from && stay.to === first.to);
    const query = { ...this.query(of, basis), assetIds: stays.map((stay) => stay.assetId) };
    if (first && together) return this.usage.page(scope, { ...query, interval: first }, page);
    // Assets that came or went within the period are few: their windows are read whole.
    const parts = [];
    for (const { assetId: id, from, to } of stays)
      parts.push(...(await this.usage.windows(scope, { ...query, assetIds: [id], interval: { from, to } })));
    return pageOfAll(WINDOWS, parts, page, windowPlace);
  }

  /** By asset and time, cut to the time under contract; empty for an asset that is not on the line. Errors: INVALID_INPUT (cursor). */
  async intervals(
    scope: DataScope,
    of: EvidencedLine,
    page: PageRequest,
    assetId?: string | null,
  ): Promise<Connection<AssetInterval>> {
    const { basis, stays, period } = await this.ground(scope, of, assetId);
    const list: AssetInterval[] = [];
    if (basis.kind === 'intervals') {
      const ids = [...new Set(stays.map((stay) => stay.assetId))];
      const asOf = lastKnown(of.statement.storedBefore);
      const timelines = await this.timelines.timelinesOf(scope, ids, period, { asOf });
      for (const stay of stays)
        for (const interval of clipped(timelines.get(stay.assetId) ?? [], stay))
          list.push({ assetId: stay.assetId, interval });
    }
    return pageOfAll('evidence-intervals', list, page, (i) => [i.assetId, i.interval.from]);
  }

  /** An asset's messages of [from, to), by time; empty for an asset that is not on the line. Errors: INVALID_INPUT (span, cursor). */
  async messagesOf(
    scope: DataScope,
    of: EvidencedLine,
    assetId: string,
    interval: Interval,
    page: PageRequest,
  ): Promise<Connection<StoredReading>> {
    if (interval.to - interval.from > MAX_MESSAGE_SPAN_MS)
      throw invalid({ field: 'to', value: new Date(interval.to), rule: 'must be at most 32 days after "from"' });
    const { stays } = await this.ground(scope, of, assetId);
    if (stays.length === 0) return connectionOf<StoredReading, StoredReading>(MESSAGES, [], page, 0, placeOf, (r) => r);
    const { storedBefore } = of.statement;
    const after = page.after === undefined ? undefined : positionOf(page.after);
    return this.database.read(scope, async (em) => {
      const options = { after, storedBefore, limit: page.first + 1 };
      const { readings } = await this.messages.page(em, assetId, interval, options);
      const total = await this.messages.count(em, assetId, interval, storedBefore);
      return connectionOf(MESSAGES, readings, page, total, placeOf, (r) => r);
    });
  }

  /**
   * The line's assets with their time under contract in its period, as it stood when the statement was rated: an end agreed since
   * takes nothing from what was billed. Of one asset when it is given.
   */
  private async ground(scope: DataScope, { statement, line, contract }: EvidencedLine, only?: string | null) {
    const period = { from: line.periodFrom.getTime(), to: line.periodTo.getTime() };
    const all = statement.stays
      ? cutTo(period, statement.stays)
      : await this.database.read(scope, (em) => this.inputs.staysOf(em, contract.id, period));
    const assetId = only ?? line.assetId;
    const stays = all
      .filter((stay) => line.assetId === null || stay.assetId === line.assetId)
      .filter((stay) => assetId === null || stay.assetId === assetId)
      .sort((a, b) => (a.assetId === b.assetId ? a.from - b.from : a.assetId < b.assetId ? -1 : 1));
    return { basis: basisOf(contract.terms, line.chargeKey), stays, period };
  }

  private query({ statement }: EvidencedLine, { meter }: LineBasis & { kind: 'windows' }) {
    return { meters: [meter], storedBefore: lastKnown(statement.storedBefore) };
  }

  /** Assets with the same time under contract are added up in one query. */
  private async totals(
    scope: DataScope,
    of: EvidencedLine,
    basis: LineBasis & { kind: 'windows' },
    stays: readonly Stretch[],
  ) {
    const groups = Map.groupBy(stays, ({ from, to }) => `${from} ${to}`);
    const totals = [];
    for (const group of groups.values()) {
      const [interval] = group;
      const assetIds = group.map((stay) => stay.assetId);
      if (interval) totals.push(...(await this.usage.totals(scope, { ...this.query(of, basis), assetIds, interval })));
    }
    return totals;
  }

  /** Messages as counted at the close; only for lines of the statement's own month that rest on messages. */
  private counted({ statement, line }: EvidencedLine, basis: LineBasis, assetIds: readonly string[]) {
    const own = line.periodFrom >= statement.periodFrom && line.periodTo <= statement.periodTo;
    if (basis.kind === 'time' || !own) return undefined;
    const counts = assetIds.flatMap((id) => statement.messageCounts[id] ?? []);
    return {
      stored: counts.reduce((n, count) => n + count.stored, 0),
      missing: counts.reduce((n, count) => n + count.missing, 0),
    };
  }
}

const added = (quantities: readonly Quantity[], unit: string): Quantity =>
  quantities.reduce((sum, quantity) => sum.plus(quantity.in(unit)), Quantity.zero(unit));

const windowPlace = ({ assetId, hour }: EvidencedWindow): Place => [assetId, hour];

const placeOf = ({ ts, deviceId, boot, seq }: StoredReading): CursorKey => [ts, deviceId, boot, seq];

function positionOf(cursor: string) {
  const [ts, deviceId, boot, seq] = decodeCursor(MESSAGES, cursor, ['number', 'string', 'number', 'number']);
  return { ts: Number(ts), deviceId: String(deviceId), boot: Number(boot), seq: Number(seq) };
}
