import type { DeviceState } from './device-state.js';

/** A device spoke for an asset of a customer in [from, to); ms since the epoch, `to` null while it still does. */
export interface DirectoryInstallation {
  readonly assetId: string;
  readonly customerId: string;
  readonly from: number;
  readonly to: number | null;
}

/** What ingest must know of a device. `installations` is the whole history, oldest first; they do not overlap. */
export interface DirectoryEntry {
  readonly deviceId: string;
  readonly thingName: string;
  readonly modelId: string;
  readonly state: DeviceState;
  readonly installations: readonly DirectoryInstallation[];
}

/** The installation at an event time (ms since the epoch), or undefined when the device spoke for no asset then. */
export function installationAt(entry: DirectoryEntry, ts: number): DirectoryInstallation | undefined {
  for (let i = entry.installations.length - 1; i >= 0; i--) {
    const candidate = entry.installations[i];
    if (candidate && ts >= candidate.from) return candidate.to === null || ts < candidate.to ? candidate : undefined;
  }
  return undefined;
}
