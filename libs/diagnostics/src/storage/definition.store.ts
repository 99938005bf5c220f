import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { CommandDefinition as Row } from '@throughline/schema/diagnostics';
import type { CommandDefinition, CommandInput } from '../domain/command.js';
import { uuids } from './rows.js';

const plain = { disableIdentityMap: true } as const;

/** Catalogues of models: every version of every command. */
@Injectable()
export class DefinitionStore {
  async byIds(em: EntityManager, ids: readonly string[]): Promise<CommandDefinition[]> {
    return (await em.find(Row, { id: { $in: ids.filter(isId) } }, plain)).map(toDefinition);
  }

  /** The newest version of each command, by name. */
  async newestOfModels(em: EntityManager, modelIds: readonly string[]): Promise<CommandDefinition[]> {
    const rows = await em.execute<{ id: string }[]>(
      `select distinct on (model_id, name) id from command_definition where model_id = any(?::uuid[])
       order by model_id, name, version desc`,
      [uuids(modelIds)],
    );
    const found = await this.byIds(
      em,
      rows.map((row) => row.id),
    );
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A version, the newest when none is named. */
  async find(
    em: EntityManager,
    modelId: string,
    name: string,
    version?: number,
  ): Promise<CommandDefinition | undefined> {
    const where = { modelId, name, ...(version === undefined ? {} : { version }) };
    const row = await em.findOne(Row, where, { orderBy: { version: 'desc' }, ...plain });
    return row ? toDefinition(row) : undefined;
  }

  /** Registrations of a model's command take turns. */
  async lock(em: EntityManager, modelId: string, name: string): Promise<void> {
    await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`command ${modelId} ${name}`]);
  }

  async count(em: EntityManager, modelId: string): Promise<number> {
    const [row] = await em.execute<{ n: number }[]>(
      'select count(distinct name)::int as n from command_definition where model_id = ?',
      [modelId],
    );
    return row?.n ?? 0;
  }

  async insert(em: EntityManager, definition: CommandDefinition): Promise<void> {
    const { argumentsSchema, resultSchema, timeoutSeconds, expirySeconds, ...rest } = definition;
    await em.insert(Row, {
      ...rest,
      argumentsSchema: { ...argumentsSchema },
      resultSchema: { ...resultSchema },
      timeoutS: timeoutSeconds,
      expiryS: expirySeconds,
    });
  }
}

const toDefinition = (row: Row): CommandDefinition => ({
  id: row.id,
  modelId: row.modelId,
  name: row.name,
  version: row.version,
  title: row.title,
  // Written by `insert` alone, after the check of the domain.
  argumentsSchema: row.argumentsSchema as CommandInput['argumentsSchema'],
  resultSchema: row.resultSchema as CommandInput['resultSchema'],
  timeoutSeconds: row.timeoutS,
  expirySeconds: row.expiryS,
  payload: row.payload,
  createdAt: row.createdAt,
});
