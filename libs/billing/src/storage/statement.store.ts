import { Injectable } from '@nestjs/common';
import { Decimal, type Interval, Money, newId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import type { RatedLine } from '@throughline/rating';
import { type ContractStay, type MessageCount, Statement, StatementLine } from '@throughline/schema/billing';
import type { BookedLine, CorrectionLine } from '../domain/corrections.js';
import { mustBeBookable } from '../domain/invoice-lines.js';
import { mayMove, type StatementState } from '../domain/statement-states.js';

export interface NewStatement {
  readonly kind: Statement['kind'];
  readonly number: string;
  readonly contractId: string;
  readonly customerId: string;
  readonly period: Interval;
  readonly storedBefore: Date;
  readonly currency: string;
  readonly received: { readonly counts: Record<string, MessageCount>; readonly share: Decimal | null };
  /** Time of assets under the contract that the lines were rated by. */
  readonly stays: readonly ContractStay[];
  readonly lines: readonly (RatedLine | CorrectionLine)[];
}

/** Taken up at once; more wait for the next look. */
const MOST_STUCK = 200;

const iso = (ms: number): string => new Date(ms).toISOString();

@Injectable()
export class StatementStore {
  async ofPeriod(em: EntityManager, contractId: string, periodFrom: number): Promise<Statement | null> {
    return em.findOne(Statement, { contractId, kind: 'month', periodFrom: new Date(periodFrom) });
  }

  async get(em: EntityManager, id: string): Promise<Statement | null> {
    return em.findOne(Statement, { id });
  }

  /** The same, locked until the transaction ends, so that two posters work one after the other. */
  async lock(em: EntityManager, id: string): Promise<Statement | null> {
    const rows = await em.execute<{ id: string }[]>('select id from statement where id = ? for update', [id]);
    return rows.length > 0 ? em.findOne(Statement, { id }, { refresh: true }) : null;
  }

  async byInvoice(em: EntityManager, stripeInvoiceId: string): Promise<Statement | null> {
    return em.findOne(Statement, { stripeInvoiceId });
  }

  async byIds(em: EntityManager, ids: readonly string[]): Promise<Statement[]> {
    return em.find(Statement, { id: { $in: [...ids] } });
  }

  /** Newest first. */
  async ofContracts(em: EntityManager, contractIds: readonly string[]): Promise<Statement[]> {
    return em.find(Statement, { contractId: { $in: [...contractIds] } }, { orderBy: { periodFrom: 'desc' } });
  }

  /** Closed months that began before an instant, oldest first, without those whose invoice was cancelled. */
  async closedBefore(em: EntityManager, contractId: string, instant: number): Promise<Statement[]> {
    const month = { contractId, kind: 'month' as const };
    const where = { ...month, periodFrom: { $lt: new Date(instant) }, state: { $ne: 'void' as const } };
    return em.find(Statement, where, { orderBy: { periodFrom: 'asc' } });
  }

  /** Contract id → starts (ms) of the months that have a statement; of all contracts or of one. */
  async closedPeriods(em: EntityManager, contractId?: string): Promise<Map<string, Set<number>>> {
    const rows = await em.execute<{ contract_id: string; from_ms: string }[]>(
      `select contract_id, (extract(epoch from period_from) * 1000)::bigint::text as from_ms from statement
       where kind = 'month' ${contractId ? 'and contract_id = ?' : ''}`,
      contractId ? [contractId] : [],
    );
    const periods = new Map<string, Set<number>>();
    for (const row of rows)
      periods.set(row.contract_id, (periods.get(row.contract_id) ?? new Set<number>()).add(Number(row.from_ms)));
    return periods;
  }

  /** Contract id → when (ms) the last of its months was closed, by the bound of stored time. */
  async lastCloses(em: EntityManager): Promise<Map<string, number>> {
    const rows = await em.execute<{ contract_id: string; at_ms: string }[]>(
      `select contract_id, (extract(epoch from max(stored_before)) * 1000)::bigint::text as at_ms from statement
       where kind = 'month' group by contract_id`,
    );
    return new Map(rows.map((row) => [row.contract_id, Number(row.at_ms)]));
  }

  /** How many statements a contract has for what came to light after its end. */
  async settlements(em: EntityManager, contractId: string): Promise<number> {
    return em.count(Statement, { contractId, kind: 'settlement' });
  }

  /** Lines of each of a contract's settlements whose invoice was cancelled. */
  async voidedSettlements(
    em: EntityManager,
    contractId: string,
  ): Promise<Pick<CorrectionLine, 'chargeKey' | 'assetId' | 'period' | 'amount'>[][]> {
    const voided = await em.find(Statement, { contractId, kind: 'settlement', state: 'void' });
    const lines = await this.linesOf(
      em,
      voided.map((statement) => statement.id),
    );
    return voided.map(({ id, currency }) =>
      lines
        .filter((line) => line.statementId === id)
        .map((line) => ({
          chargeKey: line.chargeKey,
          ...(line.assetId !== null && { assetId: line.assetId }),
          period: { from: line.periodFrom.getTime(), to: line.periodTo.getTime() },
          amount: Money.of(line.amount, currency),
        })),
    );
  }

  /** Statements whose posting did not come to its end since they were rated before an instant; those that differ wait for a person. */
  async stuck(em: EntityManager, ratedBefore: Date): Promise<Statement[]> {
    const where = { state: { $in: ['rated' as const, 'drafted' as const] }, createdAt: { $lt: ratedBefore } };
    return em.find(Statement, where, { orderBy: { createdAt: 'asc' }, limit: MOST_STUCK });
  }

  /** One close at a time for a customer; let go with the transaction. */
  async lockCustomer(em: EntityManager, customerId: string): Promise<void> {
    await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`billing.close ${customerId}`]);
  }

  /** By statement and position. */
  async linesOf(em: EntityManager, statementIds: readonly string[]): Promise<StatementLine[]> {
    const where = { statementId: { $in: [...statementIds] } };
    return em.find(StatementLine, where, { orderBy: { statementId: 'asc', position: 'asc' } });
  }

  /** Everything booked for a period of a contract: its statement's own lines, and corrections of it on later statements. */
  async booked(em: EntityManager, contractId: string, period: Interval, currency: string): Promise<BookedLine[]> {
    const rows = await em.execute<
      {
        charge_key: string;
        kind: BookedLine['kind'];
        description: string;
        asset_id: string | null;
        meter: string | null;
        quantity: string | null;
        unit: string | null;
        amount: string;
      }[]
    >(
      `select l.charge_key, l.kind, l.description, l.asset_id, l.meter, l.quantity, l.unit, l.amount
         from statement_line l join statement s on s.id = l.statement_id
        where s.contract_id = ? and l.period_from >= ? and l.period_to <= ? and s.state <> 'void'
        order by s.period_from, l.position`,
      [contractId, iso(period.from), iso(period.to)],
    );
    return rows.map((row) => ({
      chargeKey: row.charge_key,
      kind: row.kind,
      description: row.description,
      assetId: row.asset_id,
      meter: row.meter,
      quantity: row.quantity === null ? null : new Decimal(row.quantity),
      unit: row.unit,
      amount: Money.of(new Decimal(row.amount), currency),
    }));
  }

  async create(em: EntityManager, statement: NewStatement, createdAt: Date): Promise<Statement> {
    mustBeBookable(statement.lines, statement.currency);
    const id = newId();
    const total = statement.lines.reduce((sum, line) => sum.plus(line.amount), Money.zero(statement.currency));
    const { lines, period, received, stays, ...fields } = statement;
    const row = em.create(Statement, {
      id,
      ...fields,
      periodFrom: new Date(period.from),
      periodTo: new Date(period.to),
      completeness: received.share?.toFixed(8) ?? null,
      messageCounts: received.counts,
      stays: [...stays],
      total: total.toString(),
      state: 'rated',
      createdAt,
    });
    lines.forEach((line, position) => {
      em.create(StatementLine, {
        id: newId(),
        statementId: id,
        customerId: statement.customerId,
        position: position + 1,
        chargeKey: line.chargeKey,
        kind: line.kind,
        description: line.description,
        assetId: line.assetId ?? null,
        meter: line.meter ?? null,
        quantity: line.quantity?.toFixed(12) ?? null,
        unit: line.unit ?? null,
        quality: line.quality ?? null,
        unitPrice: 'unitPrice' in line ? (line.unitPrice?.toFixed(12) ?? null) : null,
        amount: line.amount.toString(),
        periodFrom: new Date(line.period.from),
        periodTo: new Date(line.period.to),
        explanation: [...line.explanation],
      });
    });
    await em.flush();
    return row;
  }

  /** Lets the statement have another invoice instead of one that is gone. */
  async forgetInvoice(em: EntityManager, id: string, gone: string): Promise<void> {
    const facts = { stripeInvoiceId: null, stripeInvoiceNumber: null, stripeTotal: null, hostedInvoiceUrl: null };
    await em.nativeUpdate(Statement, { id, stripeInvoiceId: gone }, facts);
  }

  /** Moves the statement where the table of states allows it; says whether anything changed. */
  async move(
    em: EntityManager,
    statement: Statement,
    to: StatementState,
    facts: Partial<
      Pick<
        Statement,
        'stripeInvoiceId' | 'stripeInvoiceNumber' | 'stripeTotal' | 'hostedInvoiceUrl' | 'finalisedAt' | 'paidAt'
      >
    >,
  ): Promise<boolean> {
    const moves = mayMove(statement.state, to);
    if (moves) statement.state = to;
    if (moves || statement.state === to) em.assign(statement, facts);
    await em.flush();
    return moves;
  }
}
