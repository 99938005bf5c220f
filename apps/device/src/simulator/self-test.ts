import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandHandler } from '../agent/commands/command.js';
import type { Compressor, Reading } from './compressor.js';
import type { MachineState } from './states.js';

/** What a self-test looks at. */
export interface TestBench {
  readonly machine: Compressor;
  now(): number;
  network(): { readonly connected: boolean; readonly waiting: number; readonly lost: number };
}

interface Check {
  readonly name: string;
  /** Whether it passes, and the line for the log. */
  readonly run: (now: { state: MachineState; m: Reading['m']; bench: TestBench }) => readonly [boolean, string];
}

const value = (m: Reading['m'], metric: string): number => m[metric] ?? Number.NaN;

const checks: readonly Check[] = [
  {
    name: 'pressure_sensor',
    run: ({ m }) => {
      const bar = value(m, 'pressure_bar');
      return [bar >= 0 && bar <= 16, `pressure sensor reads ${bar.toFixed(2)} bar, must lie in 0 to 16`];
    },
  },
  {
    name: 'motor',
    run: ({ state, m }) => {
      const amps = value(m, 'motor_current_a');
      return [state !== 'fault' && amps >= 0 && amps < 400, `motor draws ${amps.toFixed(1)} A in state ${state}`];
    },
  },
  {
    name: 'valve',
    run: ({ state, m }) => {
      const load = value(m, 'load_pct');
      const ok = state === 'loaded' ? load > 0 : load <= 100;
      return [ok, `inlet valve at ${load.toFixed(0)} % in state ${state}`];
    },
  },
  {
    name: 'network',
    run: ({ bench }) => {
      const { connected, waiting, lost } = bench.network();
      return [connected && lost === 0, `connected: ${connected}, messages waiting: ${waiting}, lost: ${lost}`];
    },
  },
];

/** The self-test of the simulated compressor: each check takes `stepMs`, with progress and a line of the log each. */
export const selfTestOf =
  (bench: TestBench, stepMs: number): CommandHandler =>
  async (call) => {
    const result: Record<string, string> = {};
    call.log('self-test begins');
    for (const [i, { name, run }] of checks.entries()) {
      call.progress(Math.round((i * 100) / checks.length), name);
      await sleep(stepMs);
      const at = bench.now();
      const [ok, line] = run({ state: bench.machine.stateAt(at), m: bench.machine.readingAt(at).m, bench });
      result[name] = ok ? 'pass' : 'fail';
      call.log(`${ok ? 'pass' : 'FAIL'} ${name}: ${line}`);
    }
    const outcome = Object.values(result).includes('fail') ? 'fail' : 'pass';
    call.log(`self-test ends: ${outcome}`);
    return { status: 'SUCCEEDED', result: { outcome, ...result } };
  };
