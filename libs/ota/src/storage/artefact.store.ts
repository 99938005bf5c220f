import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import { type Connection, type EntityManager, keysetPage, type PageRequest } from '@throughline/platform';
import { Artefact as ArtefactRow } from '@throughline/schema/ota';
import type { Artefact } from '../domain/artefact.js';
import { plain } from './rows.js';

@Injectable()
export class ArtefactStore {
  async byIds(em: EntityManager, ids: readonly string[]): Promise<Artefact[]> {
    return (await em.find(ArtefactRow, { id: { $in: ids.filter(isId) } }, plain)).map(toArtefact);
  }

  async byLabel(
    em: EntityManager,
    label: Pick<Artefact, 'modelId' | 'hardwareId' | 'version'>,
  ): Promise<Artefact | undefined> {
    const { modelId, hardwareId, version } = label;
    const row = await em.findOne(ArtefactRow, { modelId, hardwareId, version }, plain);
    return row ? toArtefact(row) : undefined;
  }

  /** Newest first. */
  async page(em: EntityManager, modelId: string | undefined, page: PageRequest): Promise<Connection<Artefact>> {
    const found = await keysetPage(em, ArtefactRow, {
      list: 'artefacts',
      where: modelId === undefined ? {} : { modelId },
      sort: [{ property: 'id', type: 'string', direction: 'desc' }],
      page,
    });
    return { ...found, edges: found.edges.map(({ cursor, node }) => ({ cursor, node: toArtefact(node) })) };
  }

  /** False when the model has an artefact of that version for that hardware. */
  async insert(em: EntityManager, artefact: Artefact): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `insert into artefact (id, model_id, hardware_id, version, counter, length, sha256, file_name, uploaded_by, uploaded_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing returning id`,
      [
        artefact.id,
        artefact.modelId,
        artefact.hardwareId,
        artefact.version,
        artefact.counter,
        artefact.length,
        artefact.sha256,
        artefact.fileName,
        artefact.uploadedBy,
        artefact.uploadedAt,
      ],
    );
    return rows.length === 1;
  }
}

const toArtefact = (row: ArtefactRow): Artefact => ({
  id: row.id,
  modelId: row.modelId,
  hardwareId: row.hardwareId,
  version: row.version,
  counter: row.counter,
  length: row.length,
  sha256: row.sha256,
  fileName: row.fileName,
  uploadedBy: row.uploadedBy,
  uploadedAt: row.uploadedAt,
});
