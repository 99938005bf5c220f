/** A release on its way to a frozen list of devices. */
export interface Rollout {
  readonly id: string;
  readonly releaseId: string;
  readonly state: RolloutState;
  readonly startedBy: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

export const rolloutStates = ['running', 'completed', 'cancelled'] as const;

export type RolloutState = (typeof rolloutStates)[number];

/** Completed comes by itself when no device is under way any more. Devices that had begun end also in a cancelled one. */
export const rolloutLife: Readonly<Record<RolloutState, { readonly moves: readonly RolloutState[] }>> = {
  running: { moves: ['completed', 'cancelled'] },
  completed: { moves: [] },
  cancelled: { moves: [] },
};

export const rolloutDeviceStates = [
  'left_out',
  'queued',
  'downloading',
  'installing',
  'confirming',
  'succeeded',
  'failed',
  'rolled_back',
  'cancelled',
] as const;

export type RolloutDeviceState = (typeof rolloutDeviceStates)[number];

/** `underWay`: the device has still to end it, and takes part in no other rollout meanwhile. */
export const rolloutDeviceLife: Readonly<Record<RolloutDeviceState, { readonly underWay: boolean }>> = {
  left_out: { underWay: false },
  queued: { underWay: true },
  downloading: { underWay: true },
  installing: { underWay: true },
  confirming: { underWay: true },
  succeeded: { underWay: false },
  failed: { underWay: false },
  rolled_back: { underWay: false },
  cancelled: { underWay: false },
};

export const isUnderWay = (state: RolloutDeviceState): boolean => rolloutDeviceLife[state].underWay;

/** What a device said it runs. */
export interface Reported {
  readonly version: string;
  readonly counter: number | null;
  readonly hardware: string | null;
  readonly at: Date;
}

export interface RolloutDevice {
  readonly rolloutId: string;
  readonly deviceId: string;
  readonly artefactId: string | null;
  readonly jobId: string | null;
  readonly state: RolloutDeviceState;
  /** Of the download, 0 to 100. */
  readonly percent: number | null;
  /** Why it was left out, failed or rolled back. */
  readonly why: string | null;
  readonly executionNumber: number;
  readonly executionVersion: number;
  readonly reported: Reported | null;
  readonly changedAt: Date;
}

/** Devices in each state; states without one are missing. */
export type RolloutCounts = ReadonlyMap<RolloutDeviceState, number>;
