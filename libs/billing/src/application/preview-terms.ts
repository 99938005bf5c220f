import { Injectable } from '@nestjs/common';
import { type Contract, Contracts, checkTerms } from '@throughline/contracts';
import { Clock, type Interval, invalid, type Money, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { lineSum, type RatedLine } from '@throughline/rating';
import { type BilledMonth, billedMonth, runningMonth } from '../domain/period.js';
import { RatingInputs } from './rating-inputs.js';

export interface StatementPreview {
  readonly period: Interval;
  /** Figures reach to here: now, for the running month. */
  readonly completeTo: number;
  readonly lines: readonly RatedLine[];
  readonly total: Money;
}

/** Rates without booking: a running month with what is known now, or a past one under other terms. */
@Injectable()
export class PreviewTerms {
  constructor(
    private readonly database: Database,
    private readonly contracts: Contracts,
    private readonly inputs: RatingInputs,
    private readonly clock: Clock,
  ) {}

  /** What terms, not checked yet, would have billed for a month of a contract's assets. Throws NOT_FOUND, INVALID_INPUT (terms, month). */
  async ofTerms(scope: DataScope, contractId: string, month: string, terms: unknown): Promise<StatementPreview> {
    const checked = checkTerms(terms);
    const contract = await this.database.read(scope, (em) => this.contracts.get(em, contractId));
    if (!contract) throw notFound('contract', contractId);
    const billed = billedMonth(contract, month);
    if (billed.part.from >= this.clock.now().getTime())
      throw invalid({ field: 'month', value: month, rule: 'must have begun' });
    return this.preview(scope, { ...contract, terms: checked }, billed);
  }

  /** The running month of a contract; before it begins nothing, and after its end its last month. */
  async accrued(scope: DataScope, contract: Contract): Promise<StatementPreview> {
    const now = this.clock.now().getTime();
    return this.preview(scope, contract, billedMonth(contract, runningMonth(contract, now)));
  }

  private async preview(
    scope: DataScope,
    contract: Contract,
    { period, part }: BilledMonth,
  ): Promise<StatementPreview> {
    const now = this.clock.now().getTime();
    const lines = part.from < now ? await this.inputs.rated(scope, contract, period) : [];
    return {
      period,
      completeTo: Math.max(part.from, Math.min(part.to, now)),
      lines,
      total: lineSum(lines, contract.terms.currency),
    };
  }
}
