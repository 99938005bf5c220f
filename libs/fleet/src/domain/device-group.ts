export type DeviceGroupKind = 'static' | 'dynamic';

/** A set of devices under a name: those that were added, or those that match a query at the time of asking. */
export interface DeviceGroup {
  readonly id: string;
  readonly name: string;
  readonly kind: DeviceGroupKind;
  readonly description: string;
  /** Of a dynamic group; null for a static one. */
  readonly query: string | null;
  readonly createdAt: Date;
}

export const groupLimits = {
  groups: 1_000,
  members: 100_000,
  /** Thing names of one call. */
  things: 1_000,
} as const;
