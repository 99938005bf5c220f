import { type Decimal, HOUR_MS } from '@throughline/kernel';
import type { EvidenceReading, WindowEvidence } from './window.js';

/** A window as computed from messages or timeline. */
export interface ComputedWindow {
  readonly hour: number;
  readonly quantity: Decimal;
  readonly evidence: WindowEvidence;
}

/** The current version of a stored window. */
export interface CurrentWindow extends ComputedWindow {
  readonly version: number;
}

/** What turns the current windows of a meter into the computed ones. */
export interface WindowChange {
  /** New versions, and the hour's first. */
  readonly added: readonly CurrentWindow[];
  /** Current versions that are no longer so; an hour that lost all its usage has no current version. */
  readonly superseded: readonly CurrentWindow[];
  /** Windows of hours that still run: replaced, not versioned, because nobody can have relied on them. */
  readonly replaced: readonly CurrentWindow[];
}

/**
 * Compares by hour. `lastVersions`: hour → highest version ever stored, for hours that have no current window now. The same
 * quantity on the same evidence makes no new version. `now` in ms.
 */
export function windowChange(
  current: readonly CurrentWindow[],
  computed: readonly ComputedWindow[],
  lastVersions: ReadonlyMap<number, number>,
  now: number,
): WindowChange {
  const before = new Map(current.map((window) => [window.hour, window]));
  const added: CurrentWindow[] = [];
  const superseded: CurrentWindow[] = [];
  const replaced: CurrentWindow[] = [];
  for (const window of computed) {
    const old = before.get(window.hour);
    before.delete(window.hour);
    if (!old) added.push({ ...window, version: (lastVersions.get(window.hour) ?? 0) + 1 });
    else if (sameWindow(old, window)) continue;
    else if (window.hour + HOUR_MS > now) replaced.push({ ...window, version: old.version });
    else {
      superseded.push(old);
      added.push({ ...window, version: old.version + 1 });
    }
  }
  superseded.push(...before.values());
  return { added, superseded, replaced };
}

export const isChange = ({ added, superseded, replaced }: WindowChange): boolean =>
  added.length + superseded.length + replaced.length > 0;

const sameWindow = (a: ComputedWindow, b: ComputedWindow): boolean =>
  a.quantity.equals(b.quantity) &&
  a.evidence.messages === b.evidence.messages &&
  sameReading(a.evidence.from, b.evidence.from) &&
  sameReading(a.evidence.to, b.evidence.to) &&
  (a.evidence.notes ?? []).join('\n') === (b.evidence.notes ?? []).join('\n');

export const sameReading = (a: EvidenceReading | undefined, b: EvidenceReading | undefined): boolean =>
  a?.deviceId === b?.deviceId &&
  a?.boot === b?.boot &&
  a?.seq === b?.seq &&
  a?.ts === b?.ts &&
  a?.value === b?.value &&
  a?.fellFrom === b?.fellFrom;
