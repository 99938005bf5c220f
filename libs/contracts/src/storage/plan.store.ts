import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { Plan as PlanRow, PlanVersion as PlanVersionRow } from '@throughline/schema/contracts';
import type { Plan, PlanVersion, PlanVersionState } from '../domain/plan.js';
import type { Terms } from '../domain/terms.js';
import { plain, uuids } from './rows.js';

@Injectable()
export class PlanStore {
  /** By name. */
  async all(em: EntityManager): Promise<Plan[]> {
    return (await em.find(PlanRow, {}, { orderBy: { name: 'asc', id: 'asc' }, ...plain })).map(toPlan);
  }

  async byIds(em: EntityManager, ids: readonly string[]): Promise<Plan[]> {
    return (await em.find(PlanRow, { id: { $in: [...ids] } }, plain)).map(toPlan);
  }

  /** Holds the plan until the transaction ends, so that changes of its versions take turns. */
  async lock(em: EntityManager, id: string): Promise<Plan | undefined> {
    const [row] = await em.execute<{ id: string }[]>('select id from plan where id = ? for update', [id]);
    return row && (await this.byIds(em, [row.id]))[0];
  }

  async insert(em: EntityManager, plan: Plan, createdAt: Date): Promise<void> {
    await em.insert(PlanRow, { ...plan, createdAt });
  }

  /** Newest first within each plan. */
  async versionsOf(em: EntityManager, planIds: readonly string[]): Promise<PlanVersion[]> {
    const where = { planId: { $in: [...planIds] } };
    return (await em.find(PlanVersionRow, where, { orderBy: { version: 'desc' }, ...plain })).map(toVersion);
  }

  async versionsByIds(em: EntityManager, ids: readonly string[]): Promise<PlanVersion[]> {
    return (await em.find(PlanVersionRow, { id: { $in: [...ids] } }, plain)).map(toVersion);
  }

  /** Holds the version's plan, then reads the version: its state cannot change before the transaction ends. */
  async lockVersion(em: EntityManager, id: string): Promise<PlanVersion | undefined> {
    const [known] = await this.versionsByIds(em, [id]);
    if (!known) return undefined;
    await this.lock(em, known.planId);
    return (await this.versionsByIds(em, [id]))[0];
  }

  async insertVersion(em: EntityManager, version: PlanVersion, createdBy: string | null): Promise<void> {
    await em.insert(PlanVersionRow, { ...version, terms: toJson(version.terms), createdBy });
  }

  async saveTerms(em: EntityManager, id: string, terms: Terms): Promise<void> {
    await em.nativeUpdate(PlanVersionRow, { id }, { terms: toJson(terms) });
  }

  async saveState(em: EntityManager, id: string, state: PlanVersionState, publishedAt: Date | null): Promise<void> {
    await em.nativeUpdate(PlanVersionRow, { id }, { state, publishedAt });
  }

  /** Plan version id → how many contracts were made of it; versions without one are missing. */
  async contractCounts(em: EntityManager, ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await em.execute<{ plan_version_id: string; n: number }[]>(
      'select plan_version_id, count(*)::int as n from contract where plan_version_id = any(?::uuid[]) group by 1',
      [uuids(ids)],
    );
    return new Map(rows.map((row) => [row.plan_version_id, row.n]));
  }
}

const toPlan = (row: PlanRow): Plan => ({ id: row.id, name: row.name });

const toVersion = (row: PlanVersionRow): PlanVersion => ({
  id: row.id,
  planId: row.planId,
  version: row.version,
  state: row.state,
  terms: toTerms(row.terms),
  createdAt: row.createdAt,
  publishedAt: row.publishedAt ?? null,
});

/** Terms are checked before they are stored and not again when they are read: rules may tighten, signed terms stay. */
export const toTerms = (json: Record<string, unknown>): Terms => json as unknown as Terms;

export const toJson = (terms: Terms): Record<string, unknown> => ({ ...terms });
