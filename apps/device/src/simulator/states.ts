/** The `state` metric of model `compressor-rx90`: name to number as the device reports it. */
export const STATE_CODES = {
  stopped: 0,
  starting: 1,
  loaded: 2,
  unloaded: 3,
  fault: 4,
  standby: 5,
  derated: 6,
  power_fail: 7,
} as const;

export type MachineState = keyof typeof STATE_CODES;

export const MACHINE_STATES = Object.keys(STATE_CODES) as readonly MachineState[];

/** States in which the motor turns and the run hours count. */
export const RUNNING_STATES: ReadonlySet<MachineState> = new Set(['starting', 'loaded', 'unloaded', 'derated']);
