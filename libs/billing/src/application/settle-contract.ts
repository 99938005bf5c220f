import { Injectable } from '@nestjs/common';
import { type Contract, Contracts } from '@throughline/contracts';
import { Clock, notFound } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer, Outbox } from '@throughline/platform';
import { sameCorrections } from '../domain/corrections.js';
import { dueMonths } from '../domain/period.js';
import { StatementStore } from '../storage/statement.store.js';
import { statementRated } from './events.js';
import { KnownData } from './known-data.js';
import { LateChanges } from './late-changes.js';
import { RatingInputs } from './rating-inputs.js';

const A_SECOND = 1_000;

/**
 * Corrections of a contract that ended: there is no next close to carry them, so they get a statement of their own. They come
 * from late data, and from an end that was set in the past, after its months were billed.
 */
@Injectable()
export class SettleContract {
  constructor(
    private readonly database: Database,
    private readonly contracts: Contracts,
    private readonly known: KnownData,
    private readonly inputs: RatingInputs,
    private readonly lateChanges: LateChanges,
    private readonly statements: StatementStore,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** The statement's id; undefined when there is nothing to correct that was not cancelled before, or months are still to be closed. */
  async run(contractId: string): Promise<string | undefined> {
    const contract = await this.database.read(everyCustomer, (em) => this.contracts.get(em, contractId));
    if (!contract) throw notFound('contract', contractId);
    if (contract.to === null || contract.to > this.clock.now().getTime()) return undefined;
    await this.known.bringUpToDate(contract);
    return this.database.transaction(everyCustomer, (em) => this.settle(em, contract));
  }

  private async settle(em: EntityManager, contract: Contract): Promise<string | undefined> {
    const { id: contractId, customerId, currency, number } = contract;
    await this.statements.lockCustomer(em, customerId);
    const closed = (await this.statements.closedPeriods(em, contractId)).get(contractId);
    if (dueMonths(contract, Number.POSITIVE_INFINITY, closed ?? new Set()).length > 0) return undefined;
    const storedBefore = await this.known.fixStoredTime(em, contract);
    const lines = await this.lateChanges.before(em, contract, storedBefore.getTime(), storedBefore);
    if (lines.length === 0) return undefined;
    // Somebody cancelled just this at Stripe; only what is another amount is asked again.
    const voided = await this.statements.voidedSettlements(em, contractId);
    if (voided.some((before) => sameCorrections(before, lines))) return undefined;
    const to = storedBefore.getTime();
    const statement = await this.statements.create(
      em,
      {
        kind: 'settlement',
        number: `${number}/settlement-${1 + (await this.statements.settlements(em, contractId))}`,
        contractId,
        customerId,
        period: { from: to - A_SECOND, to },
        storedBefore,
        currency,
        received: { counts: {}, share: null },
        stays: await this.inputs.allStaysOf(em, contractId),
        lines,
      },
      this.clock.now(),
    );
    await this.outbox.publish(em, statementRated, { statementId: statement.id, customerId });
    return statement.id;
  }
}
