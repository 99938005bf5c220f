import { Injectable } from '@nestjs/common';
import { Clock, isId, notFound } from '@throughline/kernel';
import { Database, type DataScope, Outbox } from '@throughline/platform';
import { moved, type PlanVersion } from '../domain/plan.js';
import { PlanStore } from '../storage/plan.store.js';
import { planPublished } from './events.js';

@Injectable()
export class PublishPlanVersion {
  constructor(
    private readonly database: Database,
    private readonly plans: PlanStore,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Freezes a draft: contracts can be made of it. Errors: NOT_FOUND; STATE_CONFLICT when it is no draft. */
  async run(scope: DataScope, planVersionId: string): Promise<PlanVersion> {
    return this.database.transaction(scope, async (em) => {
      const version = isId(planVersionId) ? await this.plans.lockVersion(em, planVersionId) : undefined;
      if (!version) throw notFound('plan version', planVersionId);
      const published = { ...version, state: moved(version, 'publish'), publishedAt: this.clock.now() };
      await this.plans.saveState(em, version.id, published.state, published.publishedAt);
      await this.outbox.publish(em, planPublished, {
        planId: version.planId,
        planVersionId: version.id,
        version: version.version,
      });
      return published;
    });
  }
}
