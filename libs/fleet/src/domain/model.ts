import { type Fault, invalid, parseDecimal, shown } from '@throughline/kernel';
import { type Category, isMachineCategory, machineCategories } from './category.js';

/** What one value of the `state` metric means. `fraction`: share of capability left, of `degraded` only, "0" to "1". */
export interface StateMeaning {
  readonly name: string;
  readonly category: Category;
  readonly fraction?: string;
}

/** Values of the state metric, as text, and their meaning. */
export interface StateMap {
  readonly metric: string;
  readonly states: Readonly<Record<string, StateMeaning>>;
}

/** A product type. */
export interface Model {
  readonly id: string;
  /** Short name for the command line and addresses: "compressor-rx90". */
  readonly name: string;
  readonly title: string;
  /** A device silent for longer than this, in ms, is not known to be up. */
  readonly staleAfterMs: number;
  readonly stateMap: StateMap;
  /** Its devices sleep: one that disconnected is shown as sleeping for this long, in ms, then as offline. */
  readonly sleepAfterMs?: number | null;
}

export type ModelInput = Omit<Model, 'id'>;

/** Whether a text can be a model's name at all. */
export const isModelName = (text: string): boolean => nameRule.test(text) && text.length <= MAX_NAME;

const MAX_NAME = 80;
const nameRule = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const MAX_STATES = 100;
const MIN_STALE_MS = 1_000;
const MAX_STALE_MS = 7 * 86_400_000;
/** What an integer column holds: some 24 days. */
const MAX_SLEEP_MS = 2_147_483_647;

/** The checked model; throws one INVALID_INPUT that lists every fault. */
export function checkedModel(input: ModelInput): ModelInput {
  const faults: Fault[] = [];
  const check = (ok: boolean, field: string, value: unknown, rule: string): void => {
    if (!ok) faults.push({ field, value, rule });
  };
  check(
    typeof input.name === 'string' && isModelName(input.name),
    'name',
    input.name,
    'must be 1 to 80 small letters and digits, with single dashes between',
  );
  check(isText(input.title, 200), 'title', input.title, 'must be 1 to 200 characters');
  check(
    Number.isInteger(input.staleAfterMs) && input.staleAfterMs >= MIN_STALE_MS && input.staleAfterMs <= MAX_STALE_MS,
    'staleAfterMs',
    input.staleAfterMs,
    `must be whole milliseconds from ${MIN_STALE_MS} to ${MAX_STALE_MS}`,
  );
  const sleep = input.sleepAfterMs ?? null;
  check(
    sleep === null || (Number.isInteger(sleep) && sleep >= MIN_STALE_MS && sleep <= MAX_SLEEP_MS),
    'sleepAfterMs',
    sleep,
    `must be whole milliseconds from ${MIN_STALE_MS} to ${MAX_SLEEP_MS}`,
  );
  faults.push(...stateMapFaults(input.stateMap));
  if (faults.length > 0) throw invalid(...faults);
  return {
    name: input.name,
    title: input.title.trim(),
    staleAfterMs: input.staleAfterMs,
    stateMap: copied(input.stateMap),
    sleepAfterMs: sleep,
  };
}

function stateMapFaults(map: StateMap): Fault[] {
  const faults: Fault[] = [];
  if (!isText(map.metric, 80)) faults.push({ field: 'stateMap.metric', value: map.metric, rule: 'must name a metric' });
  const states = Object.entries(map.states);
  if (states.length === 0 || states.length > MAX_STATES)
    faults.push({ field: 'stateMap.states', value: states.length, rule: `must hold 1 to ${MAX_STATES} states` });
  const names = new Set<string>();
  for (const [value, meaning] of states) {
    const field = `stateMap.states.${value}`;
    if (!/^(0|-?[1-9]\d{0,8})$/.test(value))
      faults.push({ field, value, rule: "a state's value must be a whole number in text" });
    if (!isText(meaning.name, 60))
      faults.push({ field: `${field}.name`, value: meaning.name, rule: 'must be 1 to 60 characters' });
    else if (names.has(meaning.name))
      faults.push({ field: `${field}.name`, value: meaning.name, rule: "must be another than the other states'" });
    names.add(meaning.name);
    faults.push(...meaningFaults(field, meaning));
  }
  return faults;
}

function meaningFaults(field: string, { category, fraction }: StateMeaning): Fault[] {
  if (!isMachineCategory(category))
    return [{ field: `${field}.category`, value: category, rule: `must be one of ${machineCategories.join(', ')}` }];
  const rule =
    category === 'degraded'
      ? 'of "degraded" must be a decimal in text above 0 and below 1'
      : `belongs to "degraded" only, not to ${shown(category)}`;
  const ok = category === 'degraded' ? isShare(fraction) : fraction === undefined;
  return ok ? [] : [{ field: `${field}.fraction`, value: fraction, rule }];
}

const MAX_FRACTION_DIGITS = 5;

function isShare(text: unknown): boolean {
  if (typeof text !== 'string' || !/^\d(\.\d+)?$/.test(text)) return false;
  const share = parseDecimal(text, 'fraction');
  return share.gt(0) && share.lt(1) && share.decimalPlaces() <= MAX_FRACTION_DIGITS;
}

const isText = (text: unknown, max: number): text is string =>
  typeof text === 'string' && text.trim().length > 0 && text.length <= max;

const copied = ({ metric, states }: StateMap): StateMap => ({
  metric,
  states: Object.fromEntries(
    Object.entries(states).map(([value, { name, category, fraction }]) => [
      value,
      fraction === undefined ? { name, category } : { name, category, fraction },
    ]),
  ),
});
