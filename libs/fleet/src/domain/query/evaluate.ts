import { type DeviceFacts, documentLeaves, isSearchable, type Leaf, registryTexts, wordTexts } from './facts.js';
import { type Bound, isAnything, literalOf, type Pattern, type Query } from './tree.js';
import { folded, instantOf, numberOf, versionKey, wordSuffixes } from './values.js';

/** Whether a device matches, said once without a database: what the SQL of a query must agree with. `now` in ms. */
export function matches(query: Query, facts: DeviceFacts, now: number): boolean {
  switch (query.kind) {
    case 'all':
      return true;
    case 'and':
      return query.parts.every((part) => matches(part, facts, now));
    case 'or':
      return query.parts.some((part) => matches(part, facts, now));
    case 'not':
      return !matches(query.part, facts, now);
    case 'word':
      return wordTexts(facts).some((text) =>
        wordSuffixes(text).some((suffix) => fits(suffix, [...query.pattern, { wild: '*' }])),
      );
    case 'member':
      return facts.groupIds?.includes(query.groupId) ?? false;
    case 'is':
      return valuesOf(query.field, facts, now).some((value) => isValue(query.field, value, query.pattern));
    case 'range':
      return valuesOf(query.field, facts, now).some((value) => inRange(query.field, value, query.from, query.to));
  }
}

function valuesOf(field: string, facts: DeviceFacts, now: number): Leaf[] {
  const { connected, connectivityAt, loan } = facts;
  if (field === 'connectivity.connected') return [connected];
  if (field === 'connectivity.timestamp') return connectivityAt === null ? [] : [connectivityAt];
  if (field === 'connectivity.disconnectedFor')
    return connected || connectivityAt === null ? [] : [(now - connectivityAt) / 1_000];
  if (field === 'installation.loan') return loan === null ? [] : [loan];
  const fixed = registryTexts(facts).filter(([name]) => name === field);
  const open = documentLeaves(facts).filter(([name]) => name === field && isSearchable(name));
  return [...fixed, ...open].map(([, value]) => value);
}

function isValue(field: string, value: Leaf, pattern: Pattern): boolean {
  if (isAnything(pattern)) return true;
  const literal = literalOf(pattern);
  if (typeof value !== 'number') {
    return field === 'thingName' ? fits(String(value), pattern, (text) => text) : fits(folded(String(value)), pattern);
  }
  if (literal === undefined) return false;
  return value === (field === 'connectivity.timestamp' ? instantOf(literal) : numberOf(literal));
}

function inRange(field: string, value: Leaf, from: Bound | undefined, to: Bound | undefined): boolean {
  const read = field === 'connectivity.timestamp' ? instantOf : numberOf;
  const numeric = field.startsWith('shadow.') || field.startsWith('connectivity.');
  const bounds = [from, to].filter((bound) => bound !== undefined);
  const asNumbers = numeric && bounds.every((bound) => read(bound.value) !== undefined);
  if (asNumbers !== (typeof value === 'number')) return false;
  const key = (text: string): string | number => (asNumbers ? (read(text) ?? 0) : textKey(field, text));
  const own = typeof value === 'number' ? value : key(String(value));
  return (!from || ordered(key(from.value), own, from.inclusive)) && (!to || ordered(own, key(to.value), to.inclusive));
}

function textKey(field: string, text: string): string {
  if (field === 'thingName') return text;
  return field === 'firmware' ? versionKey(text) : folded(text);
}

/** Texts go by their code points, as the database's bytes do. */
function ordered(a: string | number, b: string | number, orEqual: boolean): boolean {
  const order =
    typeof a === 'number' || typeof b === 'number'
      ? Number(a) - Number(b)
      : Buffer.compare(Buffer.from(a), Buffer.from(b));
  return orEqual ? order <= 0 : order < 0;
}

/** Whether the whole text is the pattern, whose texts are compared in a form that the text has already. */
function fits(text: string, pattern: Pattern, form: (text: string) => string = folded): boolean {
  const source = pattern.map((piece) => {
    if (typeof piece === 'string') return form(piece).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    return piece.wild === '*' ? '[^]*' : '[^]';
  });
  return new RegExp(`^${source.join('')}$`, 'u').test(text);
}
