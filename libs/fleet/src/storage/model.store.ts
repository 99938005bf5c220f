import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { Model as ModelRow } from '@throughline/schema/fleet';
import type { Model, StateMap } from '../domain/model.js';
import { plain } from './rows.js';

@Injectable()
export class ModelStore {
  async all(em: EntityManager): Promise<Model[]> {
    return (await em.find(ModelRow, {}, { orderBy: { name: 'asc' }, ...plain })).map(toModel);
  }

  async byIds(em: EntityManager, ids: readonly string[]): Promise<Model[]> {
    return (await em.find(ModelRow, { id: { $in: ids.filter(isId) } }, plain)).map(toModel);
  }

  async byName(em: EntityManager, name: string): Promise<Model | undefined> {
    const row = await em.findOne(ModelRow, { name }, plain);
    return row ? toModel(row) : undefined;
  }

  /** False when the name is taken. */
  async insert(em: EntityManager, model: Model, createdAt: Date): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `insert into model (id, name, title, stale_after_ms, state_map, sleep_after_ms, created_at)
       values (?, ?, ?, ?, ?::jsonb, ?, ?)
       on conflict (name) do nothing returning id`,
      [
        model.id,
        model.name,
        model.title,
        model.staleAfterMs,
        JSON.stringify(model.stateMap),
        model.sleepAfterMs ?? null,
        createdAt,
      ],
    );
    return rows.length === 1;
  }
}

const toModel = (row: ModelRow): Model => ({
  id: row.id,
  name: row.name,
  title: row.title,
  staleAfterMs: row.staleAfterMs,
  // Written by `insert` alone, after the check of the domain.
  stateMap: row.stateMap as StateMap,
  sleepAfterMs: row.sleepAfterMs ?? null,
});
