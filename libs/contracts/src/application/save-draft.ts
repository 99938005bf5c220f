import { Injectable } from '@nestjs/common';
import { DomainError, isId, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { checkTerms } from '../domain/check-terms.js';
import type { PlanVersion } from '../domain/plan.js';
import { PlanStore } from '../storage/plan.store.js';

@Injectable()
export class SaveDraft {
  constructor(
    private readonly database: Database,
    private readonly plans: PlanStore,
  ) {}

  /** Gives a draft other terms. Errors: INVALID_INPUT; NOT_FOUND; STATE_CONFLICT when the version is no draft. */
  async run(scope: DataScope, planVersionId: string, terms: unknown): Promise<PlanVersion> {
    const checked = checkTerms(terms);
    return this.database.transaction(scope, async (em) => {
      const version = isId(planVersionId) ? await this.plans.lockVersion(em, planVersionId) : undefined;
      if (!version) throw notFound('plan version', planVersionId);
      if (version.state !== 'draft')
        throw new DomainError(
          'STATE_CONFLICT',
          `version ${version.version} is ${version.state}: its terms never change`,
        );
      await this.plans.saveTerms(em, version.id, checked);
      return { ...version, terms: checked };
    });
  }
}
