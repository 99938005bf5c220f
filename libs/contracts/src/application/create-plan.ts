import { Injectable } from '@nestjs/common';
import { Clock, DomainError, invalid, newId } from '@throughline/kernel';
import { Database, type DataScope, violatedConstraint } from '@throughline/platform';
import { checkTerms } from '../domain/check-terms.js';
import type { PlanVersion } from '../domain/plan.js';
import { PlanStore } from '../storage/plan.store.js';

const MAX_NAME = 200;

@Injectable()
export class CreatePlan {
  constructor(
    private readonly database: Database,
    private readonly plans: PlanStore,
    private readonly clock: Clock,
  ) {}

  /**
   * A new plan with its first draft. `terms` may be anything and are checked; `createdBy` is a user's id.
   * Errors: INVALID_INPUT with every fault; CONFLICT when the name is taken.
   */
  async run(scope: DataScope, name: string, terms: unknown, createdBy: string | null = null): Promise<PlanVersion> {
    const trimmed = name.trim();
    if (trimmed === '' || trimmed.length > MAX_NAME || /\p{Cc}/u.test(trimmed))
      throw invalid({ field: 'name', value: name, rule: `must be 1 to ${MAX_NAME} characters without line breaks` });
    const checked = checkTerms(terms);
    const now = this.clock.now();
    const plan = { id: newId(now.getTime()), name: trimmed };
    const version: PlanVersion = {
      id: newId(now.getTime()),
      planId: plan.id,
      version: 1,
      state: 'draft',
      terms: checked,
      createdAt: now,
      publishedAt: null,
    };
    try {
      await this.database.transaction(scope, async (em) => {
        await this.plans.insert(em, plan, now);
        await this.plans.insertVersion(em, version, createdBy);
      });
    } catch (error) {
      if (violatedConstraint(error) !== 'plan_name_unique') throw error;
      throw new DomainError('CONFLICT', `a plan named "${trimmed}" exists already`, [], { cause: error });
    }
    return version;
  }
}
