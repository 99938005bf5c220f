import type { Model } from '@throughline/fleet';
import { ReadingValues, type StoredReading } from '@throughline/telemetry';
import type { Category } from '../domain/category.js';
import { liveState } from './live-states.js';

const model: Model = {
  id: 'm',
  name: 'm',
  title: 'M',
  staleAfterMs: 1_000,
  stateMap: {
    metric: 'state',
    states: {
      2: { name: 'loaded', category: 'producing' },
      6: { name: 'derated', category: 'degraded', fraction: '0.6' },
    },
  },
};
const schema = { modelId: 'm', version: 1, metrics: [{ name: 'state', title: '', unit: '1', kind: 'state' as const }] };
const reading = (ts: number, state: number): StoredReading => ({
  deviceId: 'd',
  boot: 1,
  seq: 1,
  ts,
  storedAt: ts,
  schemaVersion: 1,
  values: new ReadingValues(schema, [state]),
});
const entry = (to: number, category: Category, detail: string, since: number) => ({
  id: 'e',
  assetId: 'a',
  from: since,
  to,
  category,
  source: 'state_map',
  detail,
  evidence: { messages: 1 },
  since,
});

describe('liveState', () => {
  it('is what the newest message says, since its run began', () => {
    expect(liveState(model, entry(6_000, 'producing', 'loaded', 100), reading(5_500, 2), 5_600)).toEqual({
      category: 'producing',
      state: 'loaded',
      since: 100,
    });
  });

  it('is ahead of the stored timeline', () => {
    expect(liveState(model, entry(6_000, 'producing', 'loaded', 100), reading(5_500, 6), 5_600)).toEqual({
      category: 'degraded',
      state: 'derated',
      fraction: '0.6',
      since: 5_500,
    });
    expect(liveState(model, entry(4_000, 'producing', 'loaded', 100), reading(5_500, 2), 5_600).since).toBe(5_500);
    expect(liveState(model, undefined, reading(5_500, 2), 5_600).since).toBe(5_500);
  });

  it('is unknown from the millisecond at which the newest message is stale', () => {
    const of = (now: number) => liveState(model, entry(6_000, 'producing', 'loaded', 100), reading(5_000, 2), now);
    expect(of(5_999).category).toBe('producing');
    expect(of(6_000)).toEqual({ category: 'unknown', since: 6_000 });
  });

  it('has no state name for a value that is not in the map', () => {
    expect(liveState(model, undefined, reading(5_500, 9), 5_600)).toEqual({ category: 'unknown', since: 5_500 });
  });

  it('follows the stored timeline where the newest message says no state or is ahead of the clock', () => {
    const held = entry(6_000, 'producing', 'loaded', 100);
    for (const r of [reading(5_500, Number.NaN), reading(9_000, 6), undefined])
      expect(liveState(model, held, r, 5_600)).toEqual({ category: 'producing', state: 'loaded', since: 100 });
    expect(liveState(model, held, undefined, 6_000)).toEqual({ category: 'unknown', since: 6_000 });
    expect(liveState(model, undefined, undefined, 6_000)).toEqual({ category: 'unknown' });
  });
});
