import { MACHINE_STATES, type MachineState } from './states.js';

/** What really happened in [from, to). All figures are whole numbers and add up over adjoining periods. */
export interface Truth {
  readonly from: number;
  readonly to: number;
  /** Exact time in each state, ms; their sum is `to - from`. */
  readonly msPerState: Readonly<Record<MachineState, number>>;
  /** Time in every state but `fault`, ms: the machine itself was able to serve. */
  readonly availableMs: number;
  /** Time in which the motor turned, ms. */
  readonly runMs: number;
  /** Output, thousandths of a cubic metre: what the register counted from `from` to `to`. */
  readonly outputMilliM3: number;
}

/** Thousandths as an exact decimal string, e.g. 1234567 → "1234.567". */
export function milliToDecimal(milli: number): string {
  const digits = String(Math.abs(milli)).padStart(4, '0');
  return `${milli < 0 ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

const hours = (ms: number) => (ms / 3_600_000).toFixed(4);

/** A table for people: one row a period and a total; hours with four decimals, cubic metres with three. */
export function truthTable(rows: readonly Truth[], total: Truth): string {
  const head = ['from (UTC)', 'output_m3', 'available_h', 'run_h', ...MACHINE_STATES.map((state) => `${state}_h`)];
  const line = (label: string, truth: Truth) => [
    label,
    milliToDecimal(truth.outputMilliM3),
    hours(truth.availableMs),
    hours(truth.runMs),
    ...MACHINE_STATES.map((state) => hours(truth.msPerState[state])),
  ];
  const cells = [
    head,
    ...rows.map((row) => line(new Date(row.from).toISOString().slice(0, 16), row)),
    line('total', total),
  ];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  ')).join('\n');
}
