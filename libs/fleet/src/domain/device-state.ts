import { DomainError } from '@throughline/kernel';

export const deviceStates = ['manufactured', 'claimed', 'active', 'suspended', 'retired', 'quarantined'] as const;

export type DeviceState = (typeof deviceStates)[number];

/**
 * A state of a device's life and what follows from it.
 * - `moves`: the states it may go to.
 * - `connects`: may open a connection to the gateway.
 * - `messages`: what happens to what it says: stored, set aside in quarantine, or (never connected) nothing.
 */
export interface DeviceStateRule {
  readonly moves: readonly DeviceState[];
  readonly connects: boolean;
  readonly messages: 'stored' | 'quarantined' | 'none';
}

/**
 * manufactured → claimed → active ⇄ suspended → retired; quarantined from any state but retired, which is the end.
 * Claimed: bound to a customer's asset for the first time. Active: connected since. Quarantined: may connect, so that
 * it can be looked into, but nothing it says counts until it is released.
 */
export const deviceLifeCycle: Readonly<Record<DeviceState, DeviceStateRule>> = {
  manufactured: { moves: ['claimed', 'retired', 'quarantined'], connects: true, messages: 'stored' },
  claimed: { moves: ['active', 'suspended', 'retired', 'quarantined'], connects: true, messages: 'stored' },
  active: { moves: ['suspended', 'retired', 'quarantined'], connects: true, messages: 'stored' },
  suspended: { moves: ['active', 'retired', 'quarantined'], connects: false, messages: 'none' },
  quarantined: { moves: ['active', 'suspended', 'retired'], connects: true, messages: 'quarantined' },
  retired: { moves: [], connects: false, messages: 'none' },
};

export const mayMove = (from: DeviceState, to: DeviceState): boolean => deviceLifeCycle[from].moves.includes(to);

/** Throws STATE_CONFLICT naming both states when the table does not have the move. */
export function checkMove(thingName: string, from: DeviceState, to: DeviceState): void {
  if (mayMove(from, to)) return;
  const allowed = deviceLifeCycle[from].moves.join(', ') || 'none: it is the last state';
  throw new DomainError(
    'STATE_CONFLICT',
    `device "${thingName}" is ${from} and cannot become ${to} (allowed: ${allowed})`,
  );
}
