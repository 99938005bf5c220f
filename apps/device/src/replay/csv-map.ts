import { readFileSync } from 'node:fs';

/** How the columns of a recording become telemetry. Written as JSON; every fault is named with its path. */
export interface CsvMap {
  /** Between columns; "," unless given. */
  readonly separator: string;
  readonly time: {
    readonly column: string;
    /** "iso" (RFC 3339, or "YYYY-MM-DD HH:mm:ss" read as UTC), "s" or "ms" since the epoch. */
    readonly format: 'iso' | 's' | 'ms';
    /** "end-now": the last row is now; "start-now": the first row is; "keep": as recorded. */
    readonly shift: 'end-now' | 'start-now' | 'keep';
  };
  /** Metric → column. */
  readonly metrics: Readonly<Record<string, { readonly column: string; readonly factor: number }>>;
  /** Counter metric → the rate it is the integral of (trapezoids over the rows' times). */
  readonly counters: Readonly<Record<string, { readonly of: string; readonly per: 's' | 'min' | 'h' }>>;
  readonly state?: {
    readonly metric: string;
    /** The first rule that holds gives the value, else `otherwise`. */
    readonly rules: readonly {
      readonly column: string;
      readonly op: '<' | '<=' | '=' | '>=' | '>';
      readonly than: number;
      readonly value: number;
    }[];
    readonly otherwise: number;
  };
}

/** Reads and checks a map file; throws one error that lists every fault. */
export function readMap(file: string): CsvMap {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(
      `${file}: ${error instanceof SyntaxError ? `is not JSON (${error.message})` : (error as Error).message}`,
    );
  }
  return parseMap(raw, file);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function parseMap(raw: unknown, name = 'map'): CsvMap {
  const faults: string[] = [];
  const wrong = (path: string, value: unknown, rule: string): void => {
    faults.push(`${name}: ${path} ${rule} (given: ${JSON.stringify(value) ?? 'nothing'})`);
  };
  const object = (value: unknown, path: string): Record<string, unknown> => {
    if (isObject(value)) return value;
    wrong(path, value, 'must be an object');
    return {};
  };
  const text = (value: unknown, path: string): string => {
    if (typeof value === 'string' && value !== '') return value;
    wrong(path, value, 'must be text');
    return '';
  };
  const number = (value: unknown, path: string): number => {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    wrong(path, value, 'must be a number');
    return 0;
  };
  const oneOf = <T extends string>(value: unknown, path: string, choices: readonly T[]): T => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) wrong(path, value, `must be one of ${choices.join(', ')}`);
    return found ?? (choices[0] as T);
  };
  const top = object(raw, 'the file');
  const known = ['separator', 'time', 'metrics', 'counters', 'state'];
  for (const key of Object.keys(top))
    if (!known.includes(key)) wrong(key, top[key], `is not known; known are ${known.join(', ')}`);
  const time = object(top.time, 'time');
  const metrics = Object.entries(object(top.metrics, 'metrics')).map(([metric, value]) => {
    const given = typeof value === 'string' ? { column: value } : object(value, `metrics.${metric}`);
    const factor = given.factor === undefined ? 1 : number(given.factor, `metrics.${metric}.factor`);
    return [metric, { column: text(given.column, `metrics.${metric}.column`), factor }] as const;
  });
  if (metrics.length === 0) wrong('metrics', top.metrics, 'must name at least one metric');
  const counters = Object.entries(top.counters === undefined ? {} : object(top.counters, 'counters')).map(
    ([metric, value]) => {
      const given = object(value, `counters.${metric}`);
      const of = text(given.of, `counters.${metric}.of`);
      if (of && !metrics.some(([m]) => m === of)) wrong(`counters.${metric}.of`, of, 'must name one of the metrics');
      return [metric, { of, per: oneOf(given.per, `counters.${metric}.per`, ['s', 'min', 'h'] as const) }] as const;
    },
  );
  const state = top.state === undefined ? undefined : object(top.state, 'state');
  if (state && !Array.isArray(state.rules)) wrong('state.rules', state.rules, 'must be a list');
  const rules: unknown[] = Array.isArray(state?.rules) ? state.rules : [];
  const map: CsvMap = {
    separator: top.separator === undefined ? ',' : text(top.separator, 'separator'),
    time: {
      column: text(time.column, 'time.column'),
      format: time.format === undefined ? 'iso' : oneOf(time.format, 'time.format', ['iso', 's', 'ms'] as const),
      shift:
        time.shift === undefined
          ? 'end-now'
          : oneOf(time.shift, 'time.shift', ['end-now', 'start-now', 'keep'] as const),
    },
    metrics: Object.fromEntries(metrics),
    counters: Object.fromEntries(counters),
    ...(state && {
      state: {
        metric: text(state.metric, 'state.metric'),
        otherwise: number(state.otherwise, 'state.otherwise'),
        rules: rules.map((rule: unknown, i: number) => {
          const path = `state.rules[${i}]`;
          const given = object(rule, path);
          return {
            column: text(given.column, `${path}.column`),
            op: oneOf(given.op, `${path}.op`, ['<', '<=', '=', '>=', '>'] as const),
            than: number(given.than, `${path}.than`),
            value: number(given.value, `${path}.value`),
          };
        }),
      },
    }),
  };
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return map;
}
