import { Injectable } from '@nestjs/common';
import { isId, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { moved, type PlanVersion } from '../domain/plan.js';
import { PlanStore } from '../storage/plan.store.js';

@Injectable()
export class RetirePlanVersion {
  constructor(
    private readonly database: Database,
    private readonly plans: PlanStore,
  ) {}

  /** No new contracts of a published version; those that exist go on. Errors: NOT_FOUND; STATE_CONFLICT. */
  async run(scope: DataScope, planVersionId: string): Promise<PlanVersion> {
    return this.database.transaction(scope, async (em) => {
      const version = isId(planVersionId) ? await this.plans.lockVersion(em, planVersionId) : undefined;
      if (!version) throw notFound('plan version', planVersionId);
      const retired = { ...version, state: moved(version, 'retire') };
      await this.plans.saveState(em, version.id, retired.state, version.publishedAt);
      return retired;
    });
  }
}
