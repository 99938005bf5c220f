import { COUNTER_KEPT_MS, type ShadowHead, unknownShadow } from '../../domain/shadow/shadow.js';
import type { ShadowRow } from '../../storage/shadow.store.js';

/** Which shadow; the classic one's name is ''. */
export interface ShadowKey {
  readonly deviceId: string;
  readonly thingName: string;
  readonly name: string;
}

/** What a row means at an instant: one deleted long ago has no counter any more. */
export function headOf(row: ShadowRow | undefined, at: Date): ShadowHead {
  if (!row) return unknownShadow;
  const { shadow, deletedAt } = row;
  if (!deletedAt) return { shadow, counter: shadow.version };
  const kept = at.getTime() - deletedAt.getTime() < COUNTER_KEPT_MS;
  return { shadow: undefined, counter: kept ? shadow.version : 0 };
}

/** Epoch seconds, as messages about shadows have them. */
export const seconds = (at: Date): number => Math.floor(at.getTime() / 1_000);
