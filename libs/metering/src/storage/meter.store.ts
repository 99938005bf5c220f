import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { Meter as MeterRow } from '@throughline/schema/metering';
import type { Meter, MeterDefinition } from '../domain/meter.js';

const plain = { disableIdentityMap: true } as const;

@Injectable()
export class MeterStore {
  /** By name. */
  async ofModels(em: EntityManager, modelIds: readonly string[]): Promise<Meter[]> {
    const rows = await em.find(MeterRow, { modelId: { $in: [...modelIds] } }, { orderBy: { name: 'asc' }, ...plain });
    return rows.map(toMeter);
  }

  async byIds(em: EntityManager, ids: readonly string[]): Promise<Meter[]> {
    return (await em.find(MeterRow, { id: { $in: [...ids] } }, plain)).map(toMeter);
  }

  /** False when the model has a meter of that name. */
  async insert(em: EntityManager, meter: Meter, createdAt: Date): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `insert into meter (id, model_id, name, title, definition, unit, created_at) values (?, ?, ?, ?, ?::jsonb, ?, ?)
       on conflict (model_id, name) do nothing returning id`,
      [meter.id, meter.modelId, meter.name, meter.title, JSON.stringify(meter.definition), meter.unit, createdAt],
    );
    return rows.length === 1;
  }
}

const toMeter = (row: MeterRow): Meter => ({
  id: row.id,
  modelId: row.modelId,
  name: row.name,
  title: row.title,
  definition: row.definition satisfies MeterDefinition,
  unit: row.unit,
});
