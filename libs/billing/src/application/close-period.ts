import { Injectable } from '@nestjs/common';
import { type Contract, Contracts } from '@throughline/contracts';
import { Clock, type Interval, notFound } from '@throughline/kernel';
import { Database, type DataScope, type EntityManager, everyCustomer, Outbox } from '@throughline/platform';
import { billedMonth, mustBeOver, statementNumber } from '../domain/period.js';
import { isUnposted } from '../domain/statement-states.js';
import { StatementStore } from '../storage/statement.store.js';
import { Completeness } from './completeness.js';
import { statementRated } from './events.js';
import { KnownData } from './known-data.js';
import { LateChanges } from './late-changes.js';
import { cutTo, RatingInputs } from './rating-inputs.js';

export interface ClosedPeriod {
  readonly statementId: string;
  /** False when the month was closed before: nothing is booked twice. */
  readonly changed: boolean;
}

/**
 * Closes a month of a contract: brings timeline and windows up to date, fixes both time bounds, rates, and writes the
 * statement with what late data changed in months closed before. One close at a time for a customer.
 */
@Injectable()
export class ClosePeriod {
  constructor(
    private readonly database: Database,
    private readonly contracts: Contracts,
    private readonly known: KnownData,
    private readonly inputs: RatingInputs,
    private readonly lateChanges: LateChanges,
    private readonly statements: StatementStore,
    private readonly completeness: Completeness,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * Closing a month again books nothing; where its invoice is not out yet, posting is tried again.
   * Throws NOT_FOUND, INVALID_INPUT (month) and STATE_CONFLICT (not over yet).
   */
  async run(scope: DataScope, contractId: string, month: string): Promise<ClosedPeriod> {
    const contract = await this.database.read(scope, (em) => this.contracts.get(em, contractId));
    if (!contract) throw notFound('contract', contractId);
    const billed = billedMonth(contract, month);
    mustBeOver(billed, month, this.clock.now().getTime());
    const { period } = billed;

    const closed = await this.database.transaction(everyCustomer, (em) => this.closedBefore(em, contract, period));
    if (closed) return closed;
    await this.known.bringUpToDate(contract, period);
    return this.database.transaction(everyCustomer, (em) => this.close(em, contract, month, period));
  }

  private async closedBefore(
    em: EntityManager,
    contract: Contract,
    period: Interval,
  ): Promise<ClosedPeriod | undefined> {
    const statement = await this.statements.ofPeriod(em, contract.id, period.from);
    if (!statement) return undefined;
    if (isUnposted(statement.state))
      await this.outbox.publish(em, statementRated, { statementId: statement.id, customerId: contract.customerId });
    return { statementId: statement.id, changed: false };
  }

  private async close(em: EntityManager, contract: Contract, month: string, period: Interval): Promise<ClosedPeriod> {
    await this.statements.lockCustomer(em, contract.customerId);
    const closed = await this.closedBefore(em, contract, period);
    if (closed) return closed;

    const storedBefore = await this.known.fixStoredTime(em, contract);
    const { id: contractId, customerId, currency } = contract;
    const lines = await this.inputs.rated(everyCustomer, contract, period, storedBefore);
    const late = await this.lateChanges.before(em, contract, period.from, storedBefore);
    const stays = await this.inputs.allStaysOf(em, contract.id);
    const statement = await this.statements.create(
      em,
      {
        kind: 'month',
        number: statementNumber(contract.number, month),
        contractId,
        customerId,
        period,
        storedBefore,
        currency,
        received: await this.completeness.of(em, cutTo(period, stays), storedBefore),
        stays,
        lines: [...lines, ...late],
      },
      this.clock.now(),
    );
    await this.outbox.publish(em, statementRated, { statementId: statement.id, customerId });
    return { statementId: statement.id, changed: true };
  }
}
