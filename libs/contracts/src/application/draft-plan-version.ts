import { Injectable } from '@nestjs/common';
import { Clock, DomainError, isId, newId, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { checkTerms } from '../domain/check-terms.js';
import type { PlanVersion } from '../domain/plan.js';
import { PlanStore } from '../storage/plan.store.js';

@Injectable()
export class DraftPlanVersion {
  constructor(
    private readonly database: Database,
    private readonly plans: PlanStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Starts the next version of a plan as a draft, copied from the newest one unless `terms` are given.
   * Errors: INVALID_INPUT; NOT_FOUND; STATE_CONFLICT while the newest version is a draft still.
   */
  async run(scope: DataScope, planId: string, terms?: unknown, createdBy: string | null = null): Promise<PlanVersion> {
    const checked = terms === undefined || terms === null ? undefined : checkTerms(terms);
    return this.database.transaction(scope, async (em) => {
      const plan = isId(planId) ? await this.plans.lock(em, planId) : undefined;
      const [newest] = plan ? await this.plans.versionsOf(em, [plan.id]) : [];
      if (!plan || !newest) throw notFound('plan', planId);
      if (newest.state === 'draft')
        throw new DomainError(
          'STATE_CONFLICT',
          `version ${newest.version} of "${plan.name}" is a draft already: change that one`,
        );
      const now = this.clock.now();
      const draft: PlanVersion = {
        id: newId(now.getTime()),
        planId: plan.id,
        version: newest.version + 1,
        state: 'draft',
        terms: checked ?? newest.terms,
        createdAt: now,
        publishedAt: null,
      };
      await this.plans.insertVersion(em, draft, createdBy);
      return draft;
    });
  }
}
