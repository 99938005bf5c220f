import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { CsvMap } from './csv-map.js';

export interface RecordedRow {
  /** ms since the epoch, after the map's shift. */
  readonly ts: number;
  readonly m: Readonly<Record<string, number>>;
}

const secondsPer = { s: 1, min: 60, h: 3_600 } as const;

/** Reads a whole recording into telemetry rows, in order of time. Throws an error that names line, column and rule. */
export function readRecording(file: string, map: CsvMap, now: number): RecordedRow[] {
  return toRows(readFileSync(file, 'utf8'), map, now, file);
}

export function toRows(csv: string, map: CsvMap, now: number, name = 'recording'): RecordedRow[] {
  const records = parse(csv, {
    columns: true,
    delimiter: map.separator,
    skip_empty_lines: true,
    trim: true,
    bom: true,
  }) as Record<string, string>[];
  const first = records[0];
  if (!first) throw new Error(`${name}: has no rows`);
  const needed = [
    map.time.column,
    ...Object.values(map.metrics).map((m) => m.column),
    ...(map.state?.rules.map((r) => r.column) ?? []),
  ];
  const missing = [...new Set(needed)].filter((column) => !(column in first));
  if (missing.length > 0)
    throw new Error(
      `${name}: has no column ${missing.map((c) => JSON.stringify(c)).join(', ')}; it has ${Object.keys(first)
        .map((c) => JSON.stringify(c))
        .join(', ')} (is the separator right?)`,
    );

  const timed = records
    .map((record, i) => ({
      record,
      line: i + 2,
      ts: timeOf(record[map.time.column] ?? '', map, `${name} line ${i + 2}`),
    }))
    .sort((a, b) => a.ts - b.ts);
  const offset = shiftOf(map, timed[0]?.ts ?? 0, timed.at(-1)?.ts ?? 0, now);
  const counters: Record<string, number> = {};
  let before: { ts: number; m: Record<string, number> } | undefined;
  return timed.map(({ record, line, ts }) => {
    const cell = (column: string): number =>
      numberOf(record[column] ?? '', `${name} line ${line}, column ${JSON.stringify(column)}`);
    const m: Record<string, number> = {};
    for (const [metric, { column, factor }] of Object.entries(map.metrics)) m[metric] = cell(column) * factor;
    for (const [metric, { of, per }] of Object.entries(map.counters)) {
      const seconds = before ? (ts - before.ts) / 1000 : 0;
      const rate = before ? Math.max(0, ((before.m[of] ?? 0) + (m[of] ?? 0)) / 2) : 0;
      counters[metric] = (counters[metric] ?? 0) + (rate * seconds) / secondsPer[per];
    }
    before = { ts, m: { ...m } };
    for (const [metric, value] of Object.entries(counters)) m[metric] = Math.round(value * 1000) / 1000;
    if (map.state) m[map.state.metric] = stateOf(map.state, cell);
    return { ts: ts + offset, m };
  });
}

function stateOf(state: NonNullable<CsvMap['state']>, cell: (column: string) => number): number {
  const holds = {
    '<': (a: number, b: number) => a < b,
    '<=': (a: number, b: number) => a <= b,
    '=': (a: number, b: number) => a === b,
    '>=': (a: number, b: number) => a >= b,
    '>': (a: number, b: number) => a > b,
  };
  return state.rules.find((rule) => holds[rule.op](cell(rule.column), rule.than))?.value ?? state.otherwise;
}

function timeOf(text: string, map: CsvMap, where: string): number {
  const iso = /^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text) ? `${text.replace(' ', 'T')}Z` : text;
  const ts = map.time.format === 'iso' ? Date.parse(iso) : Number(text) * (map.time.format === 's' ? 1000 : 1);
  if (text === '' || !Number.isFinite(ts))
    throw new Error(`${where}: ${JSON.stringify(text)} is not a time in format ${map.time.format}`);
  return Math.round(ts);
}

function numberOf(text: string, where: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) throw new Error(`${where}: ${JSON.stringify(text)} is not a number`);
  return value;
}

function shiftOf(map: CsvMap, first: number, last: number, now: number): number {
  if (map.time.shift === 'keep') return 0;
  return map.time.shift === 'end-now' ? now - last : now - first;
}
