/** A measurement as it goes over the wire on `dt/{thing}/telemetry`. Its identity is (device, boot, seq). */
export interface TelemetryMessage {
  /** Event time, ms since epoch. */
  readonly ts: number;
  readonly boot: number;
  readonly seq: number;
  readonly m: Readonly<Record<string, number | boolean>>;
}

/** A discrete event as it goes over the wire on `dt/{thing}/event`. It has no `seq`: only telemetry is counted without holes. */
export interface EventMessage {
  readonly ts: number;
  readonly boot: number;
  readonly type: string;
  readonly code?: string;
  readonly detail?: string | Readonly<Record<string, unknown>>;
}

export type DeviceMessage = TelemetryMessage | EventMessage;

export function isTelemetry(message: DeviceMessage): message is TelemetryMessage {
  return 'm' in message;
}

/** The server's word on how far it has committed: every `seq` up to this one of this boot. */
export interface Committed {
  readonly boot: number;
  readonly seq: number;
}

/** @throws RangeError naming the field, when a message cannot be sent as it is. */
export function checkMessage(message: DeviceMessage): void {
  const whole = (name: string, value: number, min: number) => {
    if (!Number.isSafeInteger(value) || value < min)
      throw new RangeError(`${name}: ${value} must be a whole number of at least ${min}`);
  };
  whole('ts', message.ts, 0);
  whole('boot', message.boot, 1);
  if (!isTelemetry(message)) {
    if (!message.type) throw new RangeError('type: an event needs one');
    return;
  }
  whole('seq', message.seq, 1);
  for (const [metric, value] of Object.entries(message.m)) {
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new RangeError(`m.${metric}: ${value} is not a finite number`);
  }
}
