import type { TimelineInterval, Timelines } from '@throughline/availability';
import type { Contract, Contracts, Stay, Terms } from '@throughline/contracts';
import { type Interval, Money, newId, overlaps, Quantity } from '@throughline/kernel';
import type { Usage } from '@throughline/metering';
import { everyCustomer, type Logger, type Outbox } from '@throughline/platform';
import type { Statement, StatementLine } from '@throughline/schema/billing';
import { MemoryClock, memoryAssets, memoryDatabase } from '../../../test/support/in-memory.js';
import { CloseDuePeriods } from '../src/application/close-due-periods.js';
import { ClosePeriod } from '../src/application/close-period.js';
import type { Completeness } from '../src/application/completeness.js';
import { GuaranteeFigures } from '../src/application/guarantee-figures.js';
import type { KnownData } from '../src/application/known-data.js';
import { LateChanges } from '../src/application/late-changes.js';
import { type EvidencedLine, LineEvidence } from '../src/application/line-evidence.js';
import { PreviewTerms } from '../src/application/preview-terms.js';
import { RatingInputs } from '../src/application/rating-inputs.js';
import { SettleContract } from '../src/application/settle-contract.js';
import { SettleEndedContracts } from '../src/application/settle-ended-contracts.js';
import type { BookedLine } from '../src/domain/corrections.js';
import { mustBeBookable } from '../src/domain/invoice-lines.js';
import type { NewStatement, StatementStore } from '../src/storage/statement.store.js';

/** What an asset used in an hour, as it was stored at a time; the one stored last counts. */
export interface Fact {
  readonly assetId: string;
  readonly hour: number;
  readonly quantity: string;
  readonly storedAt: number;
}

interface Row extends Omit<NewStatement, 'lines'> {
  readonly id: string;
  state: Statement['state'];
  readonly lines: NewStatement['lines'];
}

/** One contract with what its machines did, in memory, and everything that closes, corrects and settles it. */
export class MemoryBilling {
  readonly clock: MemoryClock;
  readonly statements: Row[] = [];
  /** Statements whose posting was asked for, in turn. */
  readonly posted: string[] = [];
  readonly errors: unknown[] = [];
  facts: Fact[] = [];
  /** What is believed of each machine's time. */
  timeline: ReadonlyMap<string, readonly TimelineInterval[]> = new Map();
  contract: Contract;
  private stays: Stay[];

  readonly inputs: RatingInputs;
  readonly close: ClosePeriod;
  readonly closeDue: CloseDuePeriods;
  readonly settle: SettleContract;
  readonly settleEnded: SettleEndedContracts;
  readonly preview: PreviewTerms;
  readonly evidence: LineEvidence;
  readonly guarantees: GuaranteeFigures;

  constructor(contract: Contract, assets: readonly { id: string; name: string; retiredAt?: Date }[]) {
    this.contract = contract;
    const { id: contractId, from, to } = contract;
    this.stays = assets.map((asset) => ({ contractId, assetId: asset.id, from, to }));
    this.clock = new MemoryClock(from);
    const database = memoryDatabase();
    const contracts = this.contractReader();
    const usage = this.usageReader();
    const timelines = {
      timelinesOf: (_: unknown, ids: readonly string[], { from, to }: Interval) =>
        Promise.resolve(
          new Map(
            ids.map((id) => [id, (this.timeline.get(id) ?? []).filter((i) => i.from < to && i.to > from)] as const),
          ),
        ),
      changedSince: () => Promise.resolve(false),
    } as unknown as Timelines;
    const store = this.store();
    const outbox = {
      publish: (_: unknown, _event: unknown, { statementId }: { statementId: string }) =>
        Promise.resolve(void this.posted.push(statementId)),
    } as unknown as Outbox;
    const logger = {
      info: () => undefined,
      error: ({ err }: { err: unknown }) => this.errors.push(err),
    } as unknown as Logger;
    const known = {
      bringUpToDate: () => Promise.resolve(),
      fixStoredTime: () => Promise.resolve(new Date(this.clock.at + 1)),
    } as unknown as KnownData;
    const received = { of: () => Promise.resolve({ counts: {}, share: null }) } as unknown as Completeness;
    this.inputs = new RatingInputs(database, contracts, memoryAssets(...assets), timelines, usage);
    const late = new LateChanges(store, this.inputs, usage, timelines);
    this.close = new ClosePeriod(database, contracts, known, this.inputs, late, store, received, outbox, this.clock);
    this.closeDue = new CloseDuePeriods(database, contracts, store, this.close, this.clock, logger);
    this.settle = new SettleContract(database, contracts, known, this.inputs, late, store, outbox, this.clock);
    this.settleEnded = new SettleEndedContracts(database, contracts, store, this.settle, this.clock, logger);
    this.preview = new PreviewTerms(database, contracts, this.inputs, this.clock);
    const messages = {} as unknown as ConstructorParameters<typeof LineEvidence>[4];
    this.evidence = new LineEvidence(database, this.inputs, usage, timelines, messages);
    this.guarantees = new GuaranteeFigures(database, contracts, timelines, this.clock);
  }

  /** Agrees an end, as `EndContract` does. */
  end(to: number): void {
    this.contract = { ...this.contract, to };
    this.stays = this.stays.filter((s) => s.from < to).map((s) => ({ ...s, to }));
  }

  /** What the jobs of a day do. */
  async daily(): Promise<void> {
    await this.closeDue.run();
    await this.settleEnded.run();
  }

  /** What is owed by all statements that were not cancelled. */
  booked(): Money {
    const lines = this.statements.filter((s) => s.state !== 'void').flatMap((s) => s.lines);
    return lines.reduce((sum, line) => sum.plus(line.amount), Money.zero(this.contract.currency));
  }

  /** What the contract owes for a month, as it is known or was known before a stored time. */
  rated(period: Interval, storedBefore?: Date): ReturnType<RatingInputs['rated']> {
    return this.inputs.rated(everyCustomer, this.contract, period, storedBefore);
  }

  /** A booked line as its evidence is asked for. */
  evidenced({ period, storedBefore, stays, kind }: Row, line: Row['lines'][number]): EvidencedLine {
    const dates = (of: Interval) => ({ periodFrom: new Date(of.from), periodTo: new Date(of.to) });
    const statement = { ...dates(period), kind, storedBefore, stays, messageCounts: {} } as unknown as Statement;
    const row = { ...dates(line.period), chargeKey: line.chargeKey, assetId: line.assetId ?? null };
    return { statement, line: row as unknown as StatementLine, contract: this.contract };
  }

  private contractReader(): Contracts {
    const touches = (stay: Stay, during?: Interval): boolean =>
      !during || overlaps({ from: stay.from, to: stay.to ?? Number.POSITIVE_INFINITY }, during);
    return {
      get: (_: unknown, id: string) => Promise.resolve(id === this.contract.id ? this.contract : undefined),
      all: () => Promise.resolve([this.contract]),
      many: () => Promise.resolve([this.contract]),
      staysOfAssets: (_: unknown, ids: readonly string[], during: Interval) =>
        Promise.resolve(this.stays.filter((stay) => ids.includes(stay.assetId) && touches(stay, during))),
      assetsOf: (_: unknown, _id: string, during?: Interval) =>
        Promise.resolve(this.stays.filter((stay) => touches(stay, during))),
    } as unknown as Contracts;
  }

  private usageReader(): Usage {
    type Query = { assetIds: readonly string[]; interval: Interval; storedBefore?: Date };
    const asked = ({ assetIds, interval }: Query) =>
      this.facts.filter((f) => assetIds.includes(f.assetId) && f.hour >= interval.from && f.hour < interval.to);
    const windows = (query: Query) => {
      const until = query.storedBefore?.getTime() ?? Number.POSITIVE_INFINITY;
      const known = asked(query).filter((f) => f.storedAt <= until);
      return [...Map.groupBy(known, (f) => `${f.assetId} ${f.hour}`).values()].flatMap((versions) => {
        const { assetId, hour, quantity } = versions.reduce((a, b) => (b.storedAt >= a.storedAt ? b : a));
        const rest = { meter: 'output_m3', version: versions.length, quality: 'measured', messages: 1 };
        return [{ assetId, hour, quantity: Quantity.of(quantity, 'm3'), ...rest }];
      });
    };
    return {
      windows: (_: unknown, query: Query) => Promise.resolve(windows(query)),
      totals: (_: unknown, query: Query) =>
        Promise.resolve(
          [...Map.groupBy(windows(query), (w) => w.assetId)].map(([assetId, own]) => ({
            assetId,
            quantity: own.reduce((sum, w) => sum.plus(w.quantity), Quantity.zero('m3')),
            quality: 'measured',
            windows: own.length,
            estimated: 0,
            messages: own.length,
          })),
        ),
      changedSince: (_: unknown, query: Query, since: Date) =>
        Promise.resolve(asked(query).some((f) => f.storedAt >= since.getTime())),
    } as unknown as Usage;
  }

  private store(): StatementStore {
    const entity = (row: Row) => ({
      ...row,
      periodFrom: new Date(row.period.from),
      periodTo: new Date(row.period.to),
    });
    const months = () => this.statements.filter((s) => s.kind === 'month');
    return {
      lockCustomer: () => Promise.resolve(),
      ofPeriod: (_: unknown, _id: string, from: number) =>
        Promise.resolve(months().find((s) => s.period.from === from) ?? null),
      closedBefore: (_: unknown, _id: string, instant: number) =>
        Promise.resolve(
          months()
            .filter((s) => s.period.from < instant && s.state !== 'void')
            .sort((a, b) => a.period.from - b.period.from)
            .map(entity),
        ),
      closedPeriods: () => Promise.resolve(new Map([[this.contract.id, new Set(months().map((s) => s.period.from))]])),
      lastCloses: () => {
        const times = months().map((s) => s.storedBefore.getTime());
        return Promise.resolve(new Map(times.length > 0 ? [[this.contract.id, Math.max(...times)]] : []));
      },
      settlements: () => Promise.resolve(this.statements.filter((s) => s.kind === 'settlement').length),
      voidedSettlements: () =>
        Promise.resolve(
          this.statements.filter((s) => s.kind === 'settlement' && s.state === 'void').map((s) => s.lines),
        ),
      booked: (_: unknown, _id: string, { from, to }: Interval) =>
        Promise.resolve(
          this.statements
            .filter((s) => s.state !== 'void')
            .flatMap((s) => s.lines)
            .filter((line) => line.period.from >= from && line.period.to <= to)
            .map(
              (line): BookedLine => ({
                chargeKey: line.chargeKey,
                kind: line.kind,
                description: line.description,
                assetId: line.assetId ?? null,
                meter: line.meter ?? null,
                quantity: line.quantity ?? null,
                unit: line.unit ?? null,
                amount: line.amount,
              }),
            ),
        ),
      create: (_: unknown, statement: NewStatement) => {
        mustBeBookable(statement.lines, statement.currency);
        if (this.statements.some((s) => s.number === statement.number)) throw new Error('a number is given twice');
        const row: Row = { id: newId(), state: 'rated', ...statement };
        this.statements.push(row);
        return Promise.resolve(row);
      },
    } as unknown as StatementStore;
  }
}

/** A contract with plain bounds. */
export const contractOf = (terms: Terms, from: number, to: number | null, timeZone: string): Contract => ({
  id: newId(),
  number: 'HF-1',
  customerId: newId(),
  planVersionId: newId(),
  terms,
  currency: terms.currency,
  timeZone,
  from,
  to,
});
