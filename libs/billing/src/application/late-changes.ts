import { Injectable } from '@nestjs/common';
import { Timelines } from '@throughline/availability';
import type { Contract } from '@throughline/contracts';
import type { Interval } from '@throughline/kernel';
import { Usage } from '@throughline/metering';
import { type EntityManager, everyCustomer } from '@throughline/platform';
import { type CorrectionLine, corrections } from '../domain/corrections.js';
import { StatementStore } from '../storage/statement.store.js';
import { lookBack, RatingInputs } from './rating-inputs.js';

/** What data that came after a close changed in a contract's closed months. */
@Injectable()
export class LateChanges {
  constructor(
    private readonly statements: StatementStore,
    private readonly inputs: RatingInputs,
    private readonly usage: Usage,
    private readonly timelines: Timelines,
  ) {}

  /**
   * Months that began before an instant and whose windows, timeline or contract changed since their close, rated anew with
   * what was stored before `storedBefore`, less what is booked for them. A month whose own statement is void stays unbilled:
   * somebody decided that at Stripe.
   */
  async before(em: EntityManager, contract: Contract, instant: number, storedBefore: Date): Promise<CorrectionLine[]> {
    const lines: CorrectionLine[] = [];
    for (const statement of await this.statements.closedBefore(em, contract.id, instant)) {
      const period = { from: statement.periodFrom.getTime(), to: statement.periodTo.getTime() };
      if (!(await this.mayDiffer(em, contract, period, statement.storedBefore))) continue;
      const now = await this.inputs.rated(everyCustomer, contract, period, storedBefore);
      const booked = await this.statements.booked(em, contract.id, period, contract.currency);
      lines.push(...corrections(now, booked, period, contract.currency));
    }
    return lines;
  }

  /** Whether anything a month was rated from is another now: its end, windows, or the timeline as far as it reaches. */
  private async mayDiffer(em: EntityManager, contract: Contract, period: Interval, since: Date): Promise<boolean> {
    if (contract.to !== null && contract.to < period.to) return true;
    const assetIds = (await this.inputs.staysOf(em, contract.id, period)).map((stay) => stay.assetId);
    if (await this.usage.changedSince(everyCustomer, { assetIds, interval: period }, since)) return true;
    const reach = { from: period.from - lookBack(contract.terms.guarantees), to: period.to };
    return this.timelines.changedSince(everyCustomer, assetIds, reach, since);
  }
}
