import { shown } from '@throughline/kernel';
import { isObject } from '../json.js';
import { MAX_ARRAY } from '../limits.js';
import type { Refusal } from '../refusal.js';
import type { Decoded } from './decoded.js';

/** RFC 8428, 4.4. */
const VERSION = 10;
/** Records of a pack; together they are at most as many messages as an array holds. */
const MAX_RECORDS = 20_000;
/** RFC 8428, 4.5.3: a time below this many seconds is relative to now. */
const RELATIVE_BELOW = 2 ** 28;
/** RFC 8428, 4.5.1: what the characters of a full name are. */
const NAME = /^[A-Za-z0-9][-:./_A-Za-z0-9]*$/;

/** RFC 8428, table 4: labels of the CBOR form. */
const labels: Readonly<Record<string, string>> = {
  '-1': 'bver',
  '-2': 'bn',
  '-3': 'bt',
  '-4': 'bu',
  '-5': 'bv',
  '-6': 'bs',
  '0': 'n',
  '1': 'u',
  '2': 'v',
  '3': 'vs',
  '4': 'vb',
  '5': 's',
  '6': 't',
  '7': 'ut',
  '8': 'vd',
};
/** Fields of ours: RFC 8428, 4.4 has those that must be understood end in "_". */
const OWN = ['boot_', 'seq_'];

type Fields = Record<string, unknown>;

interface Message {
  readonly ts: number;
  boot?: unknown;
  seq?: unknown;
  /** Metric → value. Without a prototype: a name is only a name. */
  readonly m: Fields;
}

/**
 * The messages of a SenML pack (RFC 8428): its records of one time are one message. Names and base values are resolved as 4.6 says; the
 * metric is what follows the last ":" or "/" of the full name. `boot_` holds from its record on, `seq_` stands in one record of each
 * time; without them messages are in legacy mode. `now` in ms since the epoch.
 */
export function fromSenml(pack: unknown, now: number): Decoded {
  if (!Array.isArray(pack) || pack.length === 0) return refused('a pack is an array of one record or more');
  if (pack.length > MAX_RECORDS) return tooMany(`a pack holds at most ${MAX_RECORDS} records (given: ${pack.length})`);
  const messages = new Map<number, Gathered>();
  const base: Fields = {};
  let boot: unknown;
  for (const [i, given] of pack.entries()) {
    const record = fieldsOf(given);
    if (!record) return refused('a record must be an object', i);
    for (const field of ['bver', 'bn', 'bt', 'bu', 'bv']) if (record[field] !== undefined) base[field] = record[field];
    if (record.boot_ !== undefined) boot = record.boot_;
    const read = readRecord(record, base, now);
    if (typeof read === 'string') return refused(read, i);
    const { ts, metric, value, unit } = read;
    const { message, units } = messages.get(ts) ?? gathered(ts);
    messages.set(ts, { message, units });
    if (messages.size > MAX_ARRAY) return tooMany(`a pack holds at most ${MAX_ARRAY} times`);
    if (boot !== undefined) message.boot = boot;
    if (record.seq_ !== undefined) message.seq = record.seq_;
    if (metric === undefined) continue;
    if (metric in message.m) return refused(`n: ${shown(metric)} stands twice at one time`, i);
    message.m[metric] = value;
    if (unit !== undefined) units[metric] = unit;
  }
  const filled = [...messages.values()].filter(
    ({ message: { m, seq } }) => seq !== undefined || Object.keys(m).length > 0,
  );
  if (filled.length === 0) return refused('the pack holds no value');
  return { value: filled.map(({ message }) => message), units: filled.map(({ units }) => units) };
}

interface Gathered {
  readonly message: Message;
  readonly units: Record<string, string>;
}

const gathered = (ts: number): Gathered => ({ message: { ts, m: Object.create(null) as Fields }, units: {} });

interface Read {
  readonly ts: number;
  readonly metric?: string;
  readonly value?: unknown;
  readonly unit?: string;
}

/** A resolved record, or the rule that it breaks. One that holds only base values has no metric. */
function readRecord(record: Fields, base: Fields, now: number): Read | string {
  const unknown = Object.keys(record).find((key) => key.endsWith('_') && !OWN.includes(key));
  if (unknown !== undefined) return `${shown(unknown)} must be understood (its name ends in "_") and is not`;
  if (base.bver !== undefined && !(typeof base.bver === 'number' && base.bver <= VERSION))
    return `bver: must be a number up to ${VERSION} (given: ${shown(base.bver)})`;
  for (const field of ['bt', 'bv']) {
    const value = base[field];
    if (value !== undefined && !isNumber(value)) return `${field}: must be a number (given: ${shown(value)})`;
  }
  if (record.t !== undefined && !isNumber(record.t)) return `t: must be a number (given: ${shown(record.t)})`;
  const seconds = Number(base.bt ?? 0) + Number(record.t ?? 0);
  const ts = Math.round(seconds < RELATIVE_BELOW ? now + seconds * 1_000 : seconds * 1_000);
  if (record.s !== undefined) return 's: sums of values are not kept; give the counter itself as v';
  const value = worthOf(record, base.bv);
  if (value === undefined) return record.n === undefined ? { ts } : 'a record with a name must have v, vb, vs or vd';
  for (const field of ['bn', 'n']) {
    const part = field === 'bn' ? base.bn : record.n;
    if (part !== undefined && typeof part !== 'string') return `${field}: must be text (given: ${shown(part)})`;
  }
  const name = `${base.bn ?? ''}${record.n ?? ''}`;
  if (!NAME.test(name)) return `bn and n: must together be a name of A-Z, a-z, 0-9, -:./_ (given: ${shown(name)})`;
  const unit = record.u ?? base.bu;
  if (unit !== undefined && typeof unit !== 'string') return `u: must be text (given: ${shown(unit)})`;
  return {
    ts,
    metric: name.slice(1 + Math.max(name.lastIndexOf(':'), name.lastIndexOf('/'))),
    value,
    ...(unit !== undefined && { unit }),
  };
}

/** What a record says of its metric: RFC 8428, 4.1 adds the base value. Text and bytes are values too, which no metric takes. */
function worthOf({ n, v, vb, vs, vd }: Fields, base: unknown): unknown {
  if (typeof v === 'number' && typeof base === 'number') return v + base;
  return v ?? vb ?? vs ?? vd ?? (n === undefined ? undefined : base);
}

/** A record's fields, with the names of JSON for the numbers of CBOR; undefined when it is none. */
function fieldsOf(record: unknown): Fields | undefined {
  if (record instanceof Map)
    return Object.fromEntries([...record].map(([key, value]) => [labels[String(key)] ?? String(key), value]));
  return isObject(record) ? record : undefined;
}

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

const refused = (rule: string, record?: number): { refusal: Refusal } => ({
  refusal: { reason: 'malformed_senml', rule: record === undefined ? rule : `record ${record + 1}: ${rule}` },
});

const tooMany = (rule: string): { refusal: Refusal } => ({ refusal: { reason: 'too_many', rule } });
