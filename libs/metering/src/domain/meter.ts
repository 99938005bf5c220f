import { categories } from '@throughline/availability';
import { type Fault, invalid } from '@throughline/kernel';

export type MeterDefinition =
  /** What a counter metric adds, in the metric's unit. */
  | { readonly type: 'counter'; readonly metric: string }
  /** Seconds in the named states of the state map. */
  | { readonly type: 'time_in_state'; readonly states: readonly string[] }
  /** Seconds in the named timeline categories. */
  | { readonly type: 'available_hours'; readonly categories: readonly string[] };

export interface Meter {
  readonly id: string;
  readonly modelId: string;
  /** "output_m3"; plans refer to it. */
  readonly name: string;
  readonly title: string;
  readonly definition: MeterDefinition;
  /** UCUM unit of the windows' quantity. */
  readonly unit: string;
}

/** `unit`: checked when given; otherwise the metric's for a counter, "s" for a meter of time. */
export interface MeterInput {
  readonly name: string;
  readonly title: string;
  readonly definition: MeterDefinition;
  readonly unit?: string;
}

/** What a meter is checked against: the model's newest telemetry schema and its state map. */
export interface MeterGround {
  readonly metrics: readonly { readonly name: string; readonly kind: string; readonly unit: string }[];
  readonly stateNames: readonly string[];
}

const nameRule = /^[a-z][a-z0-9_]{0,79}$/;
export const TIME_UNIT = 's';
/** Unknown time is what no message reaches: nothing is metered there. Contracts are not metering's. */
const metered: readonly string[] = categories.filter((c) => c !== 'unknown' && c !== 'not_contracted');

/** The checked meter's parts with its unit; throws one INVALID_INPUT that lists every fault. */
export function checkedMeter(input: MeterInput, ground: MeterGround): Required<MeterInput> {
  const faults: Fault[] = [];
  if (typeof input.name !== 'string' || !nameRule.test(input.name))
    faults.push({
      field: 'name',
      value: input.name,
      rule: 'must be small letters, digits and "_", at most 80, a letter first',
    });
  if (typeof input.title !== 'string' || input.title.trim() === '' || input.title.length > 200)
    faults.push({ field: 'title', value: input.title, rule: 'must be 1 to 200 characters' });
  const unit = unitOf(input.definition, ground, faults);
  if (unit !== undefined && input.unit !== undefined && input.unit !== unit)
    faults.push({ field: 'unit', value: input.unit, rule: `must be "${unit}", the unit of what it counts` });
  if (faults.length > 0 || unit === undefined) throw invalid(...faults);
  return { name: input.name, title: input.title.trim(), definition: input.definition, unit };
}

function unitOf(definition: MeterDefinition, ground: MeterGround, faults: Fault[]): string | undefined {
  const before = faults.length;
  if (typeof definition !== 'object' || definition === null) {
    faults.push({ field: 'definition', value: definition, rule: 'must be an object' });
    return undefined;
  }
  switch (definition.type) {
    case 'counter': {
      const metric = ground.metrics.find((m) => m.name === definition.metric);
      if (!metric)
        faults.push({ field: 'definition.metric', value: definition.metric, rule: 'must be a metric of the model' });
      else if (metric.kind !== 'counter')
        faults.push({
          field: 'definition.metric',
          value: definition.metric,
          rule: `must be a counter, not a ${metric.kind}`,
        });
      return metric?.unit;
    }
    case 'time_in_state':
      oneOf(definition.states, 'definition.states', ground.stateNames, 'the state map', faults);
      break;
    case 'available_hours':
      oneOf(definition.categories, 'definition.categories', metered, 'the categories', faults);
      break;
    default:
      faults.push({
        field: 'definition.type',
        value: (definition as { type?: unknown }).type,
        rule: 'must be "counter", "time_in_state" or "available_hours"',
      });
  }
  return faults.length > before ? undefined : TIME_UNIT;
}

function oneOf(given: readonly string[], field: string, known: readonly string[], of: string, faults: Fault[]): void {
  if (!Array.isArray(given) || given.length === 0)
    faults.push({ field, value: given, rule: `must name at least one of ${of}` });
  else {
    if (new Set(given).size < given.length) faults.push({ field, value: given, rule: 'must not name anything twice' });
    for (const name of given)
      if (!known.includes(name)) faults.push({ field, value: name, rule: `must be of ${of}: ${known.join(', ')}` });
  }
}
