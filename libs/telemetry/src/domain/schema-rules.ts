import { type Fault, shown } from '@throughline/kernel';
import type { MetricDefinition } from './metric.js';

const MAX_METRICS = 200;
const nameRule = /^[a-z][a-z0-9_]{0,59}$/;
const kinds: readonly string[] = ['gauge', 'counter', 'state', 'flag'];

/** Every fault of a list of metrics by itself. */
export function metricFaults(metrics: readonly MetricDefinition[]): Fault[] {
  const faults: Fault[] = [];
  if (metrics.length === 0 || metrics.length > MAX_METRICS)
    faults.push({ field: 'metrics', value: metrics.length, rule: `must hold 1 to ${MAX_METRICS} metrics` });
  const names = new Set<string>();
  for (const [i, metric] of metrics.entries()) {
    const field = `metrics[${i}]`;
    if (!nameRule.test(metric.name))
      faults.push({
        field: `${field}.name`,
        value: metric.name,
        rule: 'must be 1 to 60 of a-z, 0-9 and _, a letter first',
      });
    if (names.has(metric.name))
      faults.push({ field: `${field}.name`, value: metric.name, rule: 'must not be used twice' });
    names.add(metric.name);
    faults.push(...rangeFaults(field, metric));
  }
  return faults;
}

function rangeFaults(field: string, { kind, unit, min, max, rollover }: MetricDefinition): Fault[] {
  const faults: Fault[] = [];
  if (!kinds.includes(kind))
    faults.push({ field: `${field}.kind`, value: kind, rule: `must be one of ${kinds.join(', ')}` });
  if (unit.length === 0 || unit.length > 30)
    faults.push({ field: `${field}.unit`, value: unit, rule: 'must be a UCUM code' });
  if (min !== undefined && max !== undefined && min > max)
    faults.push({ field: `${field}.min`, value: min, rule: 'must not be above max' });
  if (rollover !== undefined && (kind !== 'counter' || !(rollover > 0)))
    faults.push({ field: `${field}.rollover`, value: rollover, rule: 'must be above 0, and of a counter' });
  return faults;
}

/**
 * What a new version changes of the meaning of what is stored already. Metrics may be added at the end; one that is there
 * keeps place, kind, unit and rollover (its range and title may change).
 */
export function compatibilityFaults(before: readonly MetricDefinition[], after: readonly MetricDefinition[]): Fault[] {
  return before.flatMap((old, i) => {
    const now = after[i];
    const same =
      now?.name === old.name && now.kind === old.kind && now.unit === old.unit && now.rollover === old.rollover;
    if (same) return [];
    return [
      {
        field: `metrics[${i}]`,
        value: now?.name,
        rule: `must stay ${shown(old.name)} with its kind, unit and rollover`,
      },
    ];
  });
}
