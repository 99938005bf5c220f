import { Injectable } from '@nestjs/common';
import { isId, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import type { Plan, PlanVersion } from '../domain/plan.js';
import { PlanStore } from '../storage/plan.store.js';

/** Reading of plans and their versions. */
@Injectable()
export class Plans {
  constructor(
    private readonly database: Database,
    private readonly plans: PlanStore,
  ) {}

  /** All, by name. */
  all(scope: DataScope): Promise<Plan[]> {
    return this.database.read(scope, (em) => this.plans.all(em));
  }

  /** Those that exist, in no order. */
  many(scope: DataScope, ids: readonly string[]): Promise<Plan[]> {
    return this.database.read(scope, (em) => this.plans.byIds(em, ids.filter(isId)));
  }

  /** Errors: NOT_FOUND. */
  async get(scope: DataScope, id: string): Promise<Plan> {
    const [plan] = await this.many(scope, [id]);
    if (!plan) throw notFound('plan', id);
    return plan;
  }

  /** Versions of plans, newest first within each. */
  versionsOf(scope: DataScope, planIds: readonly string[]): Promise<PlanVersion[]> {
    return this.database.read(scope, (em) => this.plans.versionsOf(em, planIds.filter(isId)));
  }

  /** Those that exist, in no order. */
  versions(scope: DataScope, ids: readonly string[]): Promise<PlanVersion[]> {
    return this.database.read(scope, (em) => this.plans.versionsByIds(em, ids.filter(isId)));
  }

  /** Plan version id → number of contracts made of it that one may see; versions without one are missing. */
  contractCounts(scope: DataScope, versionIds: readonly string[]): Promise<Map<string, number>> {
    return this.database.read(scope, (em) => this.plans.contractCounts(em, versionIds.filter(isId)));
  }
}
