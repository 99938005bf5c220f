import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import { type Connection, type EntityManager, keysetPage, type PageRequest } from '@throughline/platform';
import { Rollout as RolloutRow } from '@throughline/schema/ota';
import type { Rollout, RolloutState } from '../domain/rollout.js';
import { plain } from './rows.js';

@Injectable()
export class RolloutStore {
  async byIds(em: EntityManager, ids: readonly string[]): Promise<Rollout[]> {
    return (await em.find(RolloutRow, { id: { $in: ids.filter(isId) } }, plain)).map(toRollout);
  }

  async runningOf(em: EntityManager, releaseId: string): Promise<Rollout[]> {
    const where = { releaseId, state: 'running' as const };
    return (await em.find(RolloutRow, where, { ...plain, orderBy: { id: 'asc' } })).map(toRollout);
  }

  /** Holds the rollout until the transaction ends. */
  async lock(em: EntityManager, id: string): Promise<Rollout | undefined> {
    if (!isId(id)) return undefined;
    await em.execute('select id from rollout where id = ? for update', [id]);
    return (await this.byIds(em, [id]))[0];
  }

  /** Newest first. */
  async page(em: EntityManager, releaseId: string | undefined, page: PageRequest): Promise<Connection<Rollout>> {
    const found = await keysetPage(em, RolloutRow, {
      list: 'rollouts',
      where: releaseId === undefined ? {} : { releaseId },
      sort: [{ property: 'id', type: 'string', direction: 'desc' }],
      page,
    });
    return { ...found, edges: found.edges.map(({ cursor, node }) => ({ cursor, node: toRollout(node) })) };
  }

  async insert(em: EntityManager, rollout: Rollout): Promise<void> {
    await em.execute(
      'insert into rollout (id, release_id, state, started_by, started_at, ended_at) values (?, ?, ?, ?, ?, ?)',
      [rollout.id, rollout.releaseId, rollout.state, rollout.startedBy, rollout.startedAt, rollout.endedAt],
    );
  }

  async end(em: EntityManager, id: string, state: RolloutState, at: Date): Promise<void> {
    await em.execute('update rollout set state = ?, ended_at = ? where id = ?', [state, at, id]);
  }
}

const toRollout = (row: RolloutRow): Rollout => ({
  id: row.id,
  releaseId: row.releaseId,
  state: row.state,
  startedBy: row.startedBy,
  startedAt: row.startedAt,
  endedAt: row.endedAt ?? null,
});
