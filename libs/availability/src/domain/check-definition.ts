import type { Fault } from '@throughline/kernel';
import { categories, isCategory } from './category.js';
import type { AvailabilityDefinition } from './definition.js';

const sides = ['up', 'down', 'excluded'] as const;
/** Categories a definition must place; `unknown` has its rule, `not_contracted` is never measured. */
const placed = categories.filter((c) => c !== 'unknown' && c !== 'not_contracted');
const outcomes: readonly unknown[] = ['excluded', 'up', 'down'];
const MAX_DECIMALS = 6;
const MAX_MINUTES = 31 * 24 * 60;

/** Every fault of a definition, each with its field below `field`; none when it can be used. */
export function checkDefinition(def: AvailabilityDefinition, field: string): Fault[] {
  const faults: Fault[] = [];
  const fault = (name: string, value: unknown, rule: string): void => {
    faults.push({ field: `${field}.${name}`, value, rule });
  };
  const seen = new Map<string, string>();
  for (const side of sides) {
    const list: unknown = def[side];
    if (!Array.isArray(list)) fault(side, list, 'must be a list of categories');
    else for (const category of list) place(category, side, seen, fault);
  }
  for (const category of placed)
    if (!seen.has(category)) fault(category, undefined, 'must be in exactly one of up, down, excluded');
  if (!['removed', 'counted_as_up'].includes(def.exclusions))
    fault('exclusions', def.exclusions, 'must be "removed" or "counted_as_up"');
  if (!['by_fraction', 'as_up'].includes(def.degraded))
    fault('degraded', def.degraded, 'must be "by_fraction" or "as_up"');
  if (!Number.isInteger(def.decimals) || def.decimals < 0 || def.decimals > MAX_DECIMALS)
    fault('decimals', def.decimals, `must be a whole number from 0 to ${MAX_DECIMALS}`);
  checkUnknown(def.unknown, fault);
  return faults;
}

type AddFault = (name: string, value: unknown, rule: string) => void;

function place(category: unknown, side: string, seen: Map<string, string>, fault: AddFault): void {
  const rule = placeFault(category, seen);
  if (rule) fault(side, category, rule);
  else seen.set(String(category), side);
}

function placeFault(category: unknown, seen: Map<string, string>): string | undefined {
  if (!isCategory(category)) return `must be one of ${placed.join(', ')}`;
  if (category === 'unknown') return 'has its own rule, "unknown", and belongs to no list';
  if (category === 'not_contracted') return 'is never measured and belongs to no list';
  const before = seen.get(category);
  return before === undefined ? undefined : `must be in exactly one list, but is in ${before} too`;
}

function checkUnknown(rule: AvailabilityDefinition['unknown'] | undefined, fault: AddFault): void {
  if (rule?.mode !== 'last_state_for') {
    if (!outcomes.includes(rule?.mode))
      fault('unknown.mode', rule?.mode, 'must be "excluded", "up", "down" or "last_state_for"');
    return;
  }
  if (!Number.isInteger(rule.minutes) || rule.minutes < 1 || rule.minutes > MAX_MINUTES)
    fault('unknown.minutes', rule.minutes, `must be a whole number from 1 to ${MAX_MINUTES}`);
  if (!outcomes.includes(rule.then)) fault('unknown.then', rule.then, 'must be "excluded", "up" or "down"');
}
