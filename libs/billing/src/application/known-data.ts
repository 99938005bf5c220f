import { Injectable } from '@nestjs/common';
import { RecomputeTimeline } from '@throughline/availability';
import { type Contract, Contracts } from '@throughline/contracts';
import { Clock, type Interval } from '@throughline/kernel';
import { RecomputeUsage } from '@throughline/metering';
import { Database, type EntityManager, everyCustomer } from '@throughline/platform';
import { lookBack } from './rating-inputs.js';

const NO_TIME: Interval = { from: 0, to: 0 };

/** Makes sure of what is known of a contract's machines, and fixes when it was known. */
@Injectable()
export class KnownData {
  constructor(
    private readonly database: Database,
    private readonly contracts: Contracts,
    private readonly timelines: RecomputeTimeline,
    private readonly usage: RecomputeUsage,
    private readonly clock: Clock,
  ) {}

  /**
   * Derives timeline (as far back as guarantees look) and windows of the period anew from committed messages, and what else is
   * marked as changed, with what follows from it: what is billed never depends on a queue being empty. A transaction each.
   */
  async bringUpToDate(contract: Contract, period?: Interval): Promise<void> {
    const assetIds = await this.database.read(everyCustomer, (em) => this.assetsOf(em, contract));
    const reach = lookBack(contract.terms.guarantees);
    for (const assetId of assetIds) {
      const changed = await this.timelines.runMarked(assetId);
      if (period) await this.timelines.run(assetId, { from: period.from - reach, to: period.to });
      await this.usage.runMarked(assetId);
      if (changed) await this.usage.run(assetId, changed);
      if (period) await this.usage.run(assetId, period);
    }
  }

  /**
   * The bound of stored time. From here to the end of the transaction nothing is derived for the contract's assets: an empty
   * interval derives nothing and takes their locks. So no row that is stored before the bound can appear after it was read.
   */
  async fixStoredTime(em: EntityManager, contract: Contract): Promise<Date> {
    for (const assetId of await this.assetsOf(em, contract)) {
      await this.timelines.run(assetId, NO_TIME);
      await this.usage.run(assetId, NO_TIME);
    }
    return new Date(this.clock.now().getTime() + 1);
  }

  /** In one order, so that two transactions never wait for each other's locks. */
  private async assetsOf(em: EntityManager, contract: Contract): Promise<string[]> {
    const stays = await this.contracts.assetsOf(em, contract.id);
    return [...new Set(stays.map((stay) => stay.assetId))].sort();
  }
}
