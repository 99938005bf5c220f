import type { Artefact } from './artefact.js';
import type { Release } from './release.js';

/** What of a device decides whether it takes part. */
export interface Candidate {
  readonly id: string;
  readonly modelId: string;
  /** State of its life. */
  readonly state: string;
  /** What it runs, by its last word, in a rollout or outside of one. */
  readonly version: string | null;
  /** By its last word in a rollout. */
  readonly hardware: string | null;
  /** The running rollout it is under way in. */
  readonly busyIn: string | null;
}

export type Target =
  | { readonly deviceId: string; readonly artefact: Artefact }
  | { readonly deviceId: string; readonly leftOut: string };

/**
 * Each device with the artefact it gets, or why it is left out. Which hardware a device is, it tells with its first update; until
 * then a release with a single artefact is sent, and the device refuses it when it is for another hardware.
 */
export function targetsOf(
  release: Pick<Release, 'modelId' | 'version'>,
  artefacts: readonly Artefact[],
  candidates: readonly Candidate[],
): Target[] {
  return candidates.map((device) => {
    const deviceId = device.id;
    const why = (leftOut: string): Target => ({ deviceId, leftOut });
    if (device.modelId !== release.modelId) return why('it is of another model');
    if (device.state === 'retired') return why('it is retired');
    if (device.version === release.version) return why(`it is on version ${release.version} already`);
    if (device.busyIn !== null) return why(`it is under way in another rollout (${device.busyIn})`);
    const { hardware } = device;
    if (hardware === null && artefacts.length > 1)
      return why('its hardware is not known and the release has several artefacts');
    const artefact = artefacts.find((one) => hardware === null || one.hardwareId === hardware);
    return artefact ? { deviceId, artefact } : why(`the release has no artefact for its hardware ${hardware}`);
  });
}
