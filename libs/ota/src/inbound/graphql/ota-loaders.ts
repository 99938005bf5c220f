import { Injectable } from '@nestjs/common';
import type { IdentityContext } from '@throughline/identity';
import { DomainError, notFound } from '@throughline/kernel';
import { type DataScope, grouped, inOrder, loader } from '@throughline/platform';
import { Releases } from '../../application/releases.js';
import { Rollouts } from '../../application/rollouts.js';
import type { Artefact } from '../../domain/artefact.js';
import type { Release } from '../../domain/release.js';
import type { Reported, RolloutDeviceState } from '../../domain/rollout.js';

/** Batched reads of releases and rollouts. */
@Injectable()
export class OtaLoaders {
  constructor(
    private readonly releases: Releases,
    private readonly rollouts: Rollouts,
  ) {}

  /** Rejects with NOT_FOUND. */
  release(context: IdentityContext, id: string): Promise<Release> {
    return loader<string, Release>(context, 'ota.release', async (ids) =>
      inOrder(
        ids,
        await this.releases.many(dataOf(context), ids),
        (row) => row.id,
        (row, key) => row ?? notFound('release', key),
      ),
    ).load(id);
  }

  /** By hardware. */
  async artefactsOf(context: IdentityContext, releaseId: string): Promise<Artefact[]> {
    const links = await loader<string, { releaseId: string; artefact: Artefact }[]>(
      context,
      'ota.artefactsOfRelease',
      async (ids) => grouped(ids, await this.releases.artefactsOf(dataOf(context), ids), (link) => link.releaseId),
    ).load(releaseId);
    return links.map(({ artefact }) => artefact);
  }

  countsOf(context: IdentityContext, rolloutId: string): Promise<{ state: RolloutDeviceState; count: number }[]> {
    return loader<string, { rolloutId: string; state: RolloutDeviceState; count: number }[]>(
      context,
      'ota.counts',
      async (ids) => grouped(ids, await this.rollouts.countsOf(dataOf(context), ids), (count) => count.rolloutId),
    ).load(rolloutId);
  }

  firmwareOf(context: IdentityContext, deviceId: string): Promise<Reported | undefined> {
    return loader<string, Reported | undefined>(context, 'ota.firmware', async (ids) => {
      const reported = await this.rollouts.reportedBy(dataOf(context), ids);
      return ids.map((id) => reported.get(id));
    }).load(deviceId);
  }
}

function dataOf(context: IdentityContext): DataScope {
  if (!context.scope) throw new DomainError('UNAUTHENTICATED', 'Sign in first');
  return context.scope.data;
}
