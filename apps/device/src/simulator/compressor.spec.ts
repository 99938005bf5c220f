import fc from 'fast-check';
import { Compressor } from './compressor.js';
import { planDay } from './day-plan.js';
import { DAY_SECONDS } from './overlays.js';
import { networkAt, PROFILES, profileNamed, shiftsOf } from './profile.js';
import { simulateCompressor } from './simulate.js';
import { MACHINE_STATES, STATE_CODES } from './states.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONDAY = Date.UTC(2026, 0, 5);

/** Schema of model `compressor-rx90`. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  pressure_bar: [0, 16],
  oil_temp_c: [-40, 150],
  motor_current_a: [0, 400],
  power_kw: [0, 250],
  load_pct: [0, 100],
  output_m3: [0, 1e9],
  run_hours: [0, Number.POSITIVE_INFINITY],
  state: [0, 7],
};

const seeds = fc.integer({ min: 0, max: 0xffff_ffff });
const profiles = fc.constantFrom(...PROFILES.values());
const instants = fc.integer({ min: MONDAY, max: MONDAY + 20 * DAY });
const commissionedAt = MONDAY - 10 * DAY;

describe('a simulated compressor', () => {
  it('has exactly one state at every instant: its days are steps without holes on whole seconds', () => {
    fc.assert(
      fc.property(seeds, profiles, fc.integer({ min: 20_000, max: 21_000 }), (seed, profile, day) => {
        const steps = planDay(seed, profile, day, []);
        let cursor = 0;
        const wrong: unknown[] = [];
        for (const step of steps) {
          const delivers = step.state === 'loaded' || step.state === 'derated';
          const whole = Number.isInteger(step.to) && Number.isInteger(step.flow);
          if (step.from !== cursor || step.to <= step.from || !whole || step.flow > 0 !== delivers) wrong.push(step);
          cursor = step.to;
        }
        expect(wrong).toEqual([]);
        expect(cursor).toBe(DAY_SECONDS);
      }),
    );
  });

  it('knows a truth that adds up over any division of a period', () => {
    fc.assert(
      fc.property(seeds, profiles, fc.array(instants, { minLength: 2, maxLength: 8 }), (seed, profile, cuts) => {
        const machine = new Compressor({ seed, profile, commissionedAt });
        const [first, ...rest] = [...cuts].sort((a, b) => a - b);
        const last = rest.at(-1);
        if (first === undefined || last === undefined) return;
        const whole = machine.truth(first, last);
        const sums = { output: 0, run: 0, available: 0 };
        const perState = MACHINE_STATES.map(() => 0);
        let from = first;
        for (const to of rest) {
          const part = machine.truth(from, to);
          sums.output += part.outputMilliM3;
          sums.run += part.runMs;
          sums.available += part.availableMs;
          MACHINE_STATES.forEach((state, i) => {
            perState[i] = (perState[i] ?? 0) + part.msPerState[state];
          });
          from = to;
        }
        expect(sums).toEqual({ output: whole.outputMilliM3, run: whole.runMs, available: whole.availableMs });
        expect(perState).toEqual(MACHINE_STATES.map((state) => whole.msPerState[state]));
        expect(perState.reduce((a, b) => a + b, 0)).toBe(last - first);
      }),
    );
  });

  it('reports exactly the truth: counter differences are the output, states between readings are the times', () => {
    const periods = fc.record({
      seed: seeds,
      profile: profiles,
      from: instants,
      hours: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(periods, fc.integer({ min: 60, max: 3600 }), ({ seed, profile, from, hours }, seconds) => {
        const to = from + hours * HOUR;
        const options = { seed, profile, from, to, intervalMs: seconds * 1000, commissionedAt };
        const simulation = simulateCompressor(options);
        const readings = [...simulation.readings()];
        const truth = simulation.truth();
        const perState = new Map<number, number>();
        const wrong: unknown[] = [];
        readings.forEach((reading, i) => {
          const next = readings[i + 1];
          if (!next) return;
          const milli = Math.round((Number(next.m.output_m3) - Number(reading.m.output_m3)) * 1000);
          if (next.ts <= reading.ts || milli !== simulation.truth(reading.ts, next.ts).outputMilliM3)
            wrong.push(reading);
          const state = Number(reading.m.state);
          perState.set(state, (perState.get(state) ?? 0) + next.ts - reading.ts);
        });
        expect(wrong).toEqual([]);
        expect(readings[0]?.ts).toBe(from);
        expect(readings.at(-1)?.ts).toBe(to);
        for (const state of MACHINE_STATES)
          expect([state, perState.get(STATE_CODES[state]) ?? 0]).toEqual([state, truth.msPerState[state]]);
        const counted = Number(readings.at(-1)?.m.output_m3) - Number(readings[0]?.m.output_m3);
        expect(Math.round(counted * 1000)).toBe(truth.outputMilliM3);
        const instants = new Set(readings.map((reading) => reading.ts));
        for (let hour = Math.ceil(from / HOUR) * HOUR; hour <= to; hour += HOUR) expect(instants).toContain(hour);
      }),
      { numRuns: 40 },
    );
  });

  it('is the same whenever and in whatever order it is asked', () => {
    fc.assert(
      fc.property(seeds, profiles, fc.array(instants, { minLength: 1, maxLength: 10 }), (seed, profile, times) => {
        const one = new Compressor({ seed, profile, commissionedAt });
        const other = new Compressor({ seed, profile, commissionedAt });
        const forward = times.map((at) => one.readingAt(at));
        const backward = [...times].reverse().map((at) => other.readingAt(at));
        expect(backward.reverse()).toEqual(forward);
      }),
      { numRuns: 40 },
    );
    const whole = { seed: 5, from: MONDAY, to: MONDAY + 4 * DAY, intervalMs: 60_000 };
    const part = { ...whole, from: MONDAY + DAY, to: MONDAY + 2 * DAY };
    const wanted = [...simulateCompressor(whole).items()].filter((item) => item.ts >= part.from && item.ts <= part.to);
    expect([...simulateCompressor(part).items()]).toEqual(wanted);
    const [a, b] = [1, 2].map((seed) => JSON.stringify([...simulateCompressor({ ...part, seed }).readings()]));
    expect(a).not.toBe(b);
  });

  it('reads within the ranges of its schema with at most three decimals, and its counters never go back', () => {
    fc.assert(
      fc.property(seeds, profiles, instants, (seed, profile, from) => {
        const to = from + 12 * HOUR;
        let last: Readonly<Record<string, number>> = {};
        const options = { seed, profile, from, to, intervalMs: 97_000, commissionedAt };
        for (const { m } of simulateCompressor(options).readings()) {
          const misfits = Object.entries(RANGES).filter(
            ([metric, [min, max]]) => !(Number(m[metric]) >= min && Number(m[metric]) <= max),
          );
          expect({ metrics: Object.keys(m), misfits }).toEqual({ metrics: Object.keys(RANGES), misfits: [] });
          expect(String(m.output_m3)).toMatch(/^\d+(\.\d{1,3})?$/);
          expect(m.output_m3).toBeGreaterThanOrEqual(last.output_m3 ?? 0);
          expect(m.run_hours).toBeGreaterThanOrEqual(last.run_hours ?? 0);
          last = m;
        }
      }),
      { numRuns: 20 },
    );
  });

  it('raises each fault at the instant the state becomes fault, and clears it when that ends', () => {
    const machine = new Compressor({ seed: 11, profile: profileNamed('troubled'), commissionedAt });
    const events = machine.events(MONDAY, MONDAY + 14 * DAY);
    const raised = events.filter((event) => event.type === 'fault_raised');
    expect(raised.length).toBeGreaterThan(30);
    expect(new Set(raised.map((event) => event.code))).toEqual(new Set(['E42', 'E17', 'E31', 'E08']));
    for (const { ts } of raised) expect(['fault', 'power_fail']).toContain(machine.stateAt(ts));
    expect(events.map((event) => event.ts)).toEqual(events.map((event) => event.ts).sort((a, b) => a - b));
    expect(machine.truth(MONDAY, MONDAY + 14 * DAY).msPerState.fault).toBeGreaterThan(0);
  });

  it('runs hot before an oil temperature fault and cools afterwards', () => {
    const machine = new Compressor({ seed: 11, profile: profileNamed('troubled'), commissionedAt });
    const oil = (at: number) => Number(machine.readingAt(at).m.oil_temp_c);
    const undisturbed = (ts: number) => machine.truth(ts - HOUR, ts).runMs === HOUR;
    const hot = machine
      .events(MONDAY, MONDAY + 14 * DAY)
      .filter(({ type, code, ts }) => code === 'E42' && type === 'fault_raised' && undisturbed(ts));
    expect(hot.length).toBeGreaterThan(3);
    for (const { ts } of hot) {
      expect(oil(ts)).toBeGreaterThan(oil(ts - 15 * 60_000) + 15);
      expect(oil(ts + 10 * 60_000)).toBeLessThan(oil(ts));
    }
  });

  it('rests at the weekend, works in its shifts and warms up when it starts', () => {
    const machine = new Compressor({ seed: 3, profile: profileNamed('weekend-idle'), commissionedAt });
    const output = (day: number) => machine.truth(MONDAY + day * DAY, MONDAY + (day + 1) * DAY).outputMilliM3 / 1000;
    expect(output(1)).toBeGreaterThan(6000);
    expect(output(5) + output(6)).toBeLessThan(1500);
    const sixLocal = MONDAY + DAY + 5 * HOUR;
    expect(machine.stateAt(sixLocal - 10 * 60_000)).not.toBe('stopped');
    const oil = (minutes: number) => Number(machine.readingAt(sixLocal + minutes * 60_000).m.oil_temp_c);
    expect(oil(-10)).toBeLessThan(55);
    expect(oil(60)).toBeGreaterThan(68);
    expect(shiftsOf(profileNamed('weekend-idle'), Math.floor(MONDAY / DAY))).toHaveLength(2);
    expect(shiftsOf(profileNamed('weekend-idle'), Math.floor(MONDAY / DAY) + 6)).toHaveLength(0);
  });

  it('obeys interruptions to the millisecond, also longer than a day, and starts again afterwards', () => {
    const from = MONDAY + 9 * HOUR;
    const to = from + 50 * HOUR;
    const plain = new Compressor({ seed: 9, profile: profileNamed('three-shift'), commissionedAt });
    const machine = new Compressor({
      seed: 9,
      profile: profileNamed('three-shift'),
      commissionedAt,
      interruptions: [{ kind: 'fault', from, to, code: 'E99', detail: 'gear box' }],
    });
    expect(machine.truth(MONDAY, from)).toEqual(plain.truth(MONDAY, from));
    const { fault, power_fail } = machine.truth(from, to).msPerState;
    expect(fault + power_fail).toBe(to - from);
    expect(machine.stateAt(to)).toBe('starting');
    expect(machine.events(from - 1, to).filter((event) => event.code === 'E99')).toEqual([
      { ts: from, type: 'fault_raised', code: 'E99', detail: 'gear box' },
      { ts: to, type: 'fault_cleared', code: 'E99', detail: 'gear box' },
    ]);
  });

  it('shows a register of its own base and rolls over at 1e9 m³ without losing anything', () => {
    const counter = { zeroAt: MONDAY, baseMilliM3: 1e12 - 5_000_000 };
    const machine = new Compressor({ seed: 4, commissionedAt, counter });
    expect(machine.readingAt(MONDAY).m.output_m3).toBe(999_995_000);
    const { outputMilliM3 } = machine.truth(MONDAY, MONDAY + DAY);
    expect(outputMilliM3).toBeGreaterThan(5_000_000);
    expect(machine.registerAt(MONDAY + DAY)).toBe(outputMilliM3 - 5_000_000);
  });

  it('refuses what it cannot simulate', () => {
    const period = { seed: 1, from: MONDAY, to: MONDAY + 1000, intervalMs: 1000 };
    expect(() => simulateCompressor({ ...period, to: MONDAY })).toThrow('to:');
    expect(() => simulateCompressor({ ...period, intervalMs: 999 })).toThrow('intervalMs: 999');
    expect(() => simulateCompressor({ ...period, profile: 'x' })).toThrow('"x" is none of two-shift');
    expect(() => simulateCompressor({ ...period, seed: 0.5 })).toThrow('seed: 0.5');
    expect(() => new Compressor({ seed: 1 }).stateAt(0)).toThrow('commissioned');
    expect(() => new Compressor({ seed: 1 }).truth(2, 1)).toThrow('before');
    const half = { kind: 'fault', from: MONDAY + 1, to: MONDAY + 1000 } as const;
    expect(() => new Compressor({ seed: 1, interruptions: [half] })).toThrow('whole seconds');
  });

  it('begins its life with an empty register', () => {
    const [first] = simulateCompressor({
      seed: 1,
      from: Date.UTC(2025, 0, 1) - HOUR,
      to: Date.UTC(2025, 0, 1),
      intervalMs: 1000,
    }).readings();
    expect(first?.m).toMatchObject({ output_m3: 0, run_hours: 0, pressure_bar: expect.any(Number) });
  });
});

describe('the network of a machine', () => {
  it('is lost for its minutes in every hour, and says when that changes', () => {
    fc.assert(
      fc.property(seeds, instants, (seed, at) => {
        const { offline, changesAt } = networkAt(profileNamed('flaky-network'), seed, at);
        expect(changesAt).toBeGreaterThan(at);
        expect(changesAt - at).toBeLessThanOrEqual(offline ? 6 * 60_000 : 54 * 60_000);
        const next = networkAt(profileNamed('flaky-network'), seed, changesAt);
        expect(next.offline).toBe(!offline);
        expect(next.changesAt - changesAt).toBe(offline ? 54 * 60_000 : 6 * 60_000);
      }),
    );
    expect(networkAt(profileNamed('two-shift'), 1, MONDAY)).toEqual({
      offline: false,
      changesAt: Number.POSITIVE_INFINITY,
    });
  });
});
