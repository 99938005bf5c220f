import { equal } from './json.js';
import { checkSize } from './limits.js';
import { mergeSection, type ShadowSection } from './merge.js';
import { ShadowRefusal } from './refusal.js';
import type { Patch, ShadowUpdate } from './request.js';

/** A shadow that is forgotten no later than this after its deletion goes on counting versions. Milliseconds. */
export const COUNTER_KEPT_MS = 48 * 3_600_000;

/** A shadow that exists. */
export interface Shadow {
  readonly desired?: ShadowSection;
  readonly reported?: ShadowSection;
  /** 1 for the first, one more with every accepted update. */
  readonly version: number;
}

/** What is known of a shadow: its document, if it has one, and the version that the next one follows. */
export interface ShadowHead {
  readonly shadow: Shadow | undefined;
  readonly counter: number;
}

export const unknownShadow: ShadowHead = { shadow: undefined, counter: 0 };

/** The shadow after an update. `timestamp`: epoch seconds. @throws ShadowRefusal: 400, 409, 413 */
export function updated({ shadow, counter }: ShadowHead, update: ShadowUpdate, timestamp: number): Shadow {
  checkVersion(shadow, counter, update.version);
  const { state } = update;
  const after = (section: 'desired' | 'reported'): ShadowSection | undefined => {
    const patch: Patch | undefined = state === null ? null : state[section];
    return patch === undefined ? shadow?.[section] : mergeSection(shadow?.[section], patch, timestamp);
  };
  const [desired, reported] = [after('desired'), after('reported')];
  checkSize(desired?.state, reported?.state);
  return { ...(desired ? { desired } : {}), ...(reported ? { reported } : {}), version: counter + 1 };
}

/** A sender that creates a shadow may name the version it will have, or the last one of a shadow deleted lately. */
function checkVersion(shadow: Shadow | undefined, counter: number, given: number | undefined): void {
  if (given === undefined || given === counter) return;
  if (shadow) throw new ShadowRefusal('conflict');
  if (given !== 1) throw new ShadowRefusal('invalidVersion');
}

/** Whether something else is desired than before. */
export const desiresOtherwise = (before: Shadow | undefined, after: Shadow | undefined): boolean =>
  !equal(before?.desired?.state, after?.desired?.state);
