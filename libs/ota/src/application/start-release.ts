import { Injectable } from '@nestjs/common';
import { CreateIotJob, Devices } from '@throughline/fleet';
import { Clock, DomainError, invalid, isId, newId, notFound } from '@throughline/kernel';
import { Database, type DataScope, type EntityManager, violatedConstraint } from '@throughline/platform';
import type { Artefact } from '../domain/artefact.js';
import { type Release, releaseLife } from '../domain/release.js';
import type { Rollout, RolloutDevice } from '../domain/rollout.js';
import { type Target, targetsOf } from '../domain/targets.js';
import { updateDocument } from '../domain/update-document.js';
import { ArtefactStore } from '../storage/artefact.store.js';
import { ReleaseStore } from '../storage/release.store.js';
import { RolloutStore } from '../storage/rollout.store.js';
import { RolloutDeviceStore } from '../storage/rollout-device.store.js';

/** Devices of one rollout: they are queued in one transaction. */
export const MAX_DEVICES = 5_000;
/** A device that began must end within this time, or counts as failed. */
const TIME_LIMIT_MINUTES = 24 * 60;

@Injectable()
export class StartRelease {
  constructor(
    private readonly database: Database,
    private readonly devices: Devices,
    private readonly jobs: CreateIotJob,
    private readonly artefacts: ArtefactStore,
    private readonly releases: ReleaseStore,
    private readonly rollouts: RolloutStore,
    private readonly rolloutDevices: RolloutDeviceStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Freezes the list of devices, each with its artefact or why it is left out, and queues a job for each artefact; all of it or
   * nothing. Errors: INVALID_INPUT; NOT_FOUND for the release and for a device; STATE_CONFLICT when the release is not published;
   * CONFLICT when a device was taken by another rollout at this moment.
   */
  async run(
    scope: DataScope,
    input: { releaseId: string; deviceIds: readonly string[]; startedBy: string },
  ): Promise<Rollout> {
    const deviceIds = checkedIds(input.deviceIds);
    const startedAt = this.clock.now();
    try {
      return await this.database.transaction(scope, async (em) => {
        const release = await this.releases.lock(em, input.releaseId);
        if (!release) throw notFound('release', input.releaseId);
        if (!releaseLife[release.state].starts)
          throw new DomainError('STATE_CONFLICT', `release "${release.version}" is ${release.state}: publish it first`);
        const targets = await this.targets(em, scope, release, deviceIds);
        const none = targets.every((target) => 'leftOut' in target);
        const rollout: Rollout = {
          id: newId(startedAt.getTime()),
          releaseId: release.id,
          state: none ? 'completed' : 'running',
          startedBy: input.startedBy,
          startedAt,
          endedAt: none ? startedAt : null,
        };
        await this.rollouts.insert(em, rollout);
        await this.rolloutDevices.insert(em, rowsOf(rollout, targets));
        for (const [artefact, ids] of byArtefact(targets))
          await this.jobs.run(scope, {
            jobId: jobIdOf(rollout, artefact),
            description: `update to ${release.version}`,
            document: updateDocument(release, artefact),
            deviceIds: ids,
            targetLabel: `release ${release.version}, ${artefact.hardwareId}`,
            inProgressTimeoutMinutes: TIME_LIMIT_MINUTES,
            createdBy: input.startedBy,
          });
        return rollout;
      });
    } catch (error) {
      if (violatedConstraint(error) !== 'rollout_device_under_way') throw error;
      throw new DomainError('CONFLICT', 'a device was taken by another rollout at this moment: try again', [], {
        cause: error,
      });
    }
  }

  private async targets(
    em: EntityManager,
    scope: DataScope,
    release: Release,
    deviceIds: readonly string[],
  ): Promise<Target[]> {
    const devices = await this.devices.many(scope, deviceIds);
    const known = new Map(devices.map((device) => [device.id, device]));
    const missing = deviceIds.find((id) => !known.has(id));
    if (missing !== undefined) throw notFound('device', missing);
    const links = await this.releases.artefactIdsOf(em, [release.id]);
    const artefacts = await this.artefacts.byIds(
      em,
      links.map(({ artefactId }) => artefactId),
    );
    const reported = await this.rolloutDevices.reported(em, deviceIds);
    const busy = await this.rolloutDevices.busy(em, deviceIds);
    const candidates = devices.map(({ id, modelId, state, firmwareVersion }) => ({
      id,
      modelId,
      state,
      version: firmwareVersion,
      hardware: reported.get(id)?.hardware ?? null,
      busyIn: busy.get(id) ?? null,
    }));
    return targetsOf(release, artefacts, candidates);
  }
}

function checkedIds(given: readonly string[]): string[] {
  const ids = [...new Set(given)];
  const stranger = ids.find((id) => !isId(id));
  if (stranger !== undefined) throw invalid({ field: 'deviceIds', value: stranger, rule: 'must be ids' });
  if (ids.length < 1 || ids.length > MAX_DEVICES)
    throw invalid({ field: 'deviceIds', value: ids.length, rule: `must be 1 to ${MAX_DEVICES} devices` });
  return ids;
}

/** Within AWS IoT's 64 characters: two ids without dashes would be just that, but their ends already are unique together. */
const jobIdOf = (rollout: Rollout, artefact: Artefact): string => `update-${rollout.id}-${artefact.id.slice(-12)}`;

const rowsOf = (rollout: Rollout, targets: readonly Target[]): RolloutDevice[] =>
  targets.map((target) => {
    const sent = 'artefact' in target;
    return {
      rolloutId: rollout.id,
      deviceId: target.deviceId,
      artefactId: sent ? target.artefact.id : null,
      jobId: sent ? jobIdOf(rollout, target.artefact) : null,
      state: sent ? 'queued' : 'left_out',
      percent: null,
      why: sent ? null : target.leftOut,
      executionNumber: 0,
      executionVersion: 0,
      reported: null,
      changedAt: rollout.startedAt,
    };
  });

function byArtefact(targets: readonly Target[]): Map<Artefact, string[]> {
  const sent = targets.filter((target) => 'artefact' in target);
  const groups = Map.groupBy(sent, ({ artefact }) => artefact);
  return new Map([...groups].map(([artefact, own]) => [artefact, own.map(({ deviceId }) => deviceId)]));
}
