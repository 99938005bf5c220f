import { DomainError } from '@throughline/kernel';
import type { Terms } from './terms.js';

/** A plan version's life. Terms change in a draft only; a contract can be made of a published version only. */
export const planVersionMoves = {
  draft: { publish: 'published' },
  published: { retire: 'retired' },
  retired: {},
} as const satisfies Record<string, Partial<Record<'publish' | 'retire', string>>>;

export type PlanVersionState = keyof typeof planVersionMoves;
export type PlanVersionMove = 'publish' | 'retire';

export interface Plan {
  readonly id: string;
  readonly name: string;
}

export interface PlanVersion {
  readonly id: string;
  readonly planId: string;
  /** 1, 2, … within the plan. */
  readonly version: number;
  readonly state: PlanVersionState;
  readonly terms: Terms;
  readonly createdAt: Date;
  readonly publishedAt: Date | null;
}

const needed: Readonly<Record<PlanVersionMove, PlanVersionState>> = { publish: 'draft', retire: 'published' };

/** The state after a move. Errors: STATE_CONFLICT, naming the state it is in and the one it must be in. */
export function moved(version: Pick<PlanVersion, 'state' | 'version'>, move: PlanVersionMove): PlanVersionState {
  const moves: Partial<Record<PlanVersionMove, PlanVersionState>> = planVersionMoves[version.state];
  const next = moves[move];
  if (next) return next;
  const text = `version ${version.version} is ${version.state}; to ${move} it, it must be ${needed[move]}`;
  throw new DomainError('STATE_CONFLICT', text);
}
