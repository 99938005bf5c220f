import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import { type Connection, type EntityManager, keysetPage, type PageRequest } from '@throughline/platform';
import { ReleaseArtefact, Release as ReleaseRow } from '@throughline/schema/ota';
import type { Artefact } from '../domain/artefact.js';
import type { Release, ReleaseState } from '../domain/release.js';
import { plain } from './rows.js';

@Injectable()
export class ReleaseStore {
  async byIds(em: EntityManager, ids: readonly string[]): Promise<Release[]> {
    return (await em.find(ReleaseRow, { id: { $in: ids.filter(isId) } }, plain)).map(toRelease);
  }

  /** Holds the release until the transaction ends: its state does not change meanwhile. */
  async lock(em: EntityManager, id: string): Promise<Release | undefined> {
    if (!isId(id)) return undefined;
    await em.execute('select id from release where id = ? for update', [id]);
    return (await this.byIds(em, [id]))[0];
  }

  /** Newest first. */
  async page(em: EntityManager, modelId: string | undefined, page: PageRequest): Promise<Connection<Release>> {
    const found = await keysetPage(em, ReleaseRow, {
      list: 'releases',
      where: modelId === undefined ? {} : { modelId },
      sort: [{ property: 'id', type: 'string', direction: 'desc' }],
      page,
    });
    return { ...found, edges: found.edges.map(({ cursor, node }) => ({ cursor, node: toRelease(node) })) };
  }

  /** False when the model has a release of that version. */
  async insert(em: EntityManager, release: Release, artefacts: readonly Artefact[]): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `insert into release (id, model_id, version, counter, notes, state, created_by, created_at)
       values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (model_id, version) do nothing returning id`,
      [
        release.id,
        release.modelId,
        release.version,
        release.counter,
        release.notes,
        release.state,
        release.createdBy,
        release.createdAt,
      ],
    );
    if (rows.length === 0) return false;
    for (const { id, hardwareId } of artefacts)
      await em.execute('insert into release_artefact (release_id, hardware_id, artefact_id) values (?, ?, ?)', [
        release.id,
        hardwareId,
        id,
      ]);
    return true;
  }

  async setState(em: EntityManager, { id, state, publishedAt, withdrawnAt }: Release): Promise<void> {
    await em.execute('update release set state = ?, published_at = ?, withdrawn_at = ? where id = ?', [
      state satisfies ReleaseState,
      publishedAt,
      withdrawnAt,
      id,
    ]);
  }

  /** Which artefacts belong to the releases, by hardware. */
  async artefactIdsOf(
    em: EntityManager,
    releaseIds: readonly string[],
  ): Promise<{ releaseId: string; artefactId: string }[]> {
    const rows = await em.find(
      ReleaseArtefact,
      { releaseId: { $in: releaseIds.filter(isId) } },
      { ...plain, orderBy: { hardwareId: 'asc' } },
    );
    return rows.map(({ releaseId, artefactId }) => ({ releaseId, artefactId }));
  }
}

const toRelease = (row: ReleaseRow): Release => ({
  id: row.id,
  modelId: row.modelId,
  version: row.version,
  counter: row.counter,
  notes: row.notes,
  state: row.state,
  createdBy: row.createdBy,
  createdAt: row.createdAt,
  publishedAt: row.publishedAt ?? null,
  withdrawnAt: row.withdrawnAt ?? null,
});
