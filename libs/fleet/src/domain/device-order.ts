/** What lists of devices can be sorted by. Among equal values the thing name decides, in the same direction. */
export const deviceOrders = ['thingName', 'lastSeenAt', 'firmware', 'state', 'model'] as const;

export interface DeviceOrder {
  /** `lastSeenAt`: when it last connected or disconnected; devices that never did come first. */
  readonly by: (typeof deviceOrders)[number];
  readonly descending: boolean;
}
