import type { RolloutDeviceState } from './rollout.js';

/** News of a job execution, in AWS IoT's words; details are the device's own. */
export interface ExecutionNews {
  readonly status: string;
  readonly statusDetails: Readonly<Record<string, string>>;
}

export interface Progress {
  readonly state: RolloutDeviceState;
  readonly percent: number | null;
  readonly why: string | null;
  /** What the device says it runs now, if it says so. */
  readonly running: {
    readonly version: string;
    readonly counter: number | null;
    readonly hardware: string | null;
  } | null;
}

const MAX_WHY = 1_000;
const MAX_WORD = 64;

/**
 * How far a device is, from what its job execution says. Details the agent sends: `step` (downloading, installing, confirming),
 * `percent`, `version`, `counter` and `hardware` of what runs, `reason`, and `rolledBack` "true" when the former image runs again.
 * A device that says SUCCEEDED but runs another version fell back without a word.
 */
export function progressOf({ status, statusDetails: details }: ExecutionNews, releaseVersion: string): Progress {
  const running = runningOf(details);
  const reason = text(details.reason, MAX_WHY);
  const at = (state: RolloutDeviceState, why: string | null = null, percent: number | null = null): Progress => ({
    state,
    percent,
    why,
    running,
  });
  switch (status) {
    case 'QUEUED':
      return at('queued');
    case 'IN_PROGRESS':
      if (details.step === 'installing' || details.step === 'confirming') return at(details.step, null, 100);
      return at('downloading', null, percentOf(details.percent));
    case 'SUCCEEDED':
      if (running && running.version === releaseVersion) return at('succeeded', null, 100);
      return at(
        'failed',
        `it says it succeeded, but ${running ? `runs version ${running.version}` : 'does not say what it runs'}`,
      );
    case 'FAILED':
      return at(details.rolledBack === 'true' ? 'rolled_back' : 'failed', reason ?? 'it gave no reason');
    case 'REJECTED':
      return at('failed', `it refused: ${reason ?? 'it gave no reason'}`);
    case 'TIMED_OUT':
      return at('failed', 'it did not end in time');
    default:
      return at('cancelled');
  }
}

function runningOf(details: Readonly<Record<string, string>>): Progress['running'] {
  const version = text(details.version?.trim(), MAX_WORD);
  if (version === null) return null;
  const counter = /^\d{1,9}$/.test(details.counter ?? '') ? Number(details.counter) : null;
  return { version, counter, hardware: text(details.hardware, MAX_WORD) };
}

const percentOf = (given: string | undefined): number =>
  /^\d{1,3}$/.test(given ?? '') ? Math.min(100, Number(given)) : 0;

const text = (given: string | undefined, max: number): string | null =>
  given === undefined || given === '' ? null : given.slice(0, max);
