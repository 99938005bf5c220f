import { NUMBER, numberTerm, TEXT, textTerm, wordTerm } from '../domain/query/facts.js';
import { fieldKind } from '../domain/query/fields.js';
import { type Bound, isAnything, literalOf, type Pattern, prefixOf, type Query } from '../domain/query/tree.js';
import { folded, instantOf, numberOf, versionKey } from '../domain/query/values.js';

/** SQL with a `?` for each of its values: what a person wrote is in the values alone. */
export interface Sql {
  readonly text: string;
  readonly values: readonly (string | number | boolean)[];
}

/** Greater than every character that a term holds after a prefix. */
const LAST = '\u{10ffff}';
/** Between the terms of a field and those of the next. */
const AFTER_FIELD = '\u0003';

/**
 * A query as a condition on rows `d` of `device_index`. Conditions on texts and numbers become existence of a `device_term` in
 * a range of terms, comparisons that PostgreSQL lets an index answer under row-level security. `now` in ms since the epoch.
 */
export const queryCondition = (query: Query, now: number): Sql => new Compiler(now).condition(query, false, 'd', 0);

const sql = (text: string, ...values: Sql['values']): Sql => ({ text, values });

const joined = (separator: string, parts: readonly Sql[]): Sql =>
  sql(`(${parts.map((part) => part.text).join(separator)})`, ...parts.flatMap((part) => part.values));

class Compiler {
  constructor(private readonly now: number) {}

  /** NOT is pushed down to the conditions, where it costs an anti-join and not a scan. */
  condition(query: Query, negated: boolean, row: string, level: number): Sql {
    switch (query.kind) {
      case 'all':
        return sql(negated ? 'false' : 'true');
      case 'not':
        return this.condition(query.part, !negated, row, level);
      case 'and':
      case 'or':
        return (query.kind === 'and') === !negated
          ? joined(
              ' and ',
              query.parts.map((part) => this.condition(part, negated, row, level)),
            )
          : this.anyOf(query.parts, negated, row, level);
      case 'member':
        return sql(
          `${negated ? 'not ' : ''}exists (select 1 from device_group_member g where g.device_id = ${row}.device_id and g.group_id = ?::uuid)`,
          query.groupId,
        );
      default: {
        const column = this.columnCondition(query, row);
        if (column) return negated ? sql(`not ${column.text}`, ...column.values) : column;
        const { text, values } = termCondition(query);
        return sql(
          `${negated ? 'not ' : ''}exists (select 1 from device_term t where t.device_id = ${row}.device_id and ${text})`,
          ...values,
        );
      }
    }
  }

  /** A union of sets of devices: an OR over EXISTS would look at every device. */
  private anyOf(parts: readonly Query[], negated: boolean, row: string, level: number): Sql {
    const terms: Sql[] = [];
    const sets: Sql[] = [];
    const inner = `i${level}`;
    for (const part of parts) {
      const isTerm = (part.kind === 'word' || part.kind === 'is' || part.kind === 'range') && !negated;
      if (isTerm && !this.columnCondition(part, row)) terms.push(termCondition(part));
      else {
        const { text, values } = this.condition(part, negated, inner, level + 1);
        sets.push(sql(`select ${inner}.device_id from device_index ${inner} where ${text}`, ...values));
      }
    }
    if (terms.length > 0) {
      const { text, values } = joined(' or ', terms);
      if (sets.length === 0)
        return sql(`exists (select 1 from device_term t where t.device_id = ${row}.device_id and ${text})`, ...values);
      sets.push(sql(`select t.device_id from device_term t where ${text}`, ...values));
    }
    const { text, values } = joined(' union all ', sets);
    return sql(`${row}.device_id in ${text}`, ...values);
  }

  /** Conditions on what is in columns: never NULL, so that `not` is the opposite. */
  private columnCondition(query: Query, row: string): Sql | undefined {
    if (query.kind !== 'is' && query.kind !== 'range') return undefined;
    const { field } = query;
    const anything = query.kind === 'is' && isAnything(query.pattern);
    if ((field === 'state' || field === 'model') && query.kind === 'is') {
      // Both are written in small letters only, so the column is the folded value.
      const literal = literalOf(query.pattern);
      if (literal !== undefined) return sql(`(${row}.${field} = ?)`, folded(literal));
    }
    if (field === 'thingName') return thingNames(query, `${row}.thing_name`);
    if (field === 'connectivity.connected') {
      if (anything) return sql('true');
      return sql(`(${row}.connected = ?)`, query.kind === 'is' && literalOf(query.pattern) === 'true');
    }
    if (field === 'connectivity.timestamp')
      return this.msCondition(
        `${row}.connectivity_ms >= 0`,
        row,
        boundsOf(query, (text) => instantOf(text)),
      );
    if (field === 'connectivity.disconnectedFor') {
      const ago = (text: string): number | undefined => {
        const seconds = numberOf(text);
        return seconds === undefined ? undefined : this.now - seconds * 1_000;
      };
      // The longer ago, the smaller the instant: the ends change places.
      const { from, to } = boundsOf(query, ago);
      return this.msCondition(`not ${row}.connected and ${row}.connectivity_ms >= 0`, row, { from: to, to: from });
    }
    if (field === 'firmware' && query.kind === 'range') {
      const parts = [sql(`${row}.firmware_key <> ''`)];
      if (query.from) parts.push(sql(`${row}.firmware_key ${more(query.from)} ?`, versionKey(query.from.value)));
      if (query.to) parts.push(sql(`${row}.firmware_key ${less(query.to)} ?`, versionKey(query.to.value)));
      return joined(' and ', parts);
    }
    return undefined;
  }

  private msCondition(there: string, row: string, { from, to }: MsBounds): Sql {
    const parts = [sql(there)];
    if (from) parts.push(sql(`${row}.connectivity_ms >= ?::bigint`, atLeast(from)));
    if (to) parts.push(sql(`${row}.connectivity_ms <= ?::bigint`, atMost(to)));
    return joined(' and ', parts);
  }
}

interface MsBound {
  readonly ms: number;
  readonly inclusive: boolean;
}

interface MsBounds {
  readonly from?: MsBound | undefined;
  readonly to?: MsBound | undefined;
}

function boundsOf(
  query: Extract<Query, { kind: 'is' | 'range' }>,
  read: (text: string) => number | undefined,
): MsBounds {
  const bound = (given: Bound | undefined): MsBound | undefined => {
    const ms = given && read(given.value);
    return given && ms !== undefined ? { ms, inclusive: given.inclusive } : undefined;
  };
  if (query.kind === 'range') return { from: bound(query.from), to: bound(query.to) };
  if (isAnything(query.pattern)) return {};
  const only = bound({ value: literalOf(query.pattern) ?? '', inclusive: true });
  return { from: only, to: only };
}

const MAX_MS = Number.MAX_SAFE_INTEGER;
const clamped = (ms: number): number => Math.max(-MAX_MS, Math.min(MAX_MS, ms));
/** The smallest and the largest whole number of ms within a bound. */
const atLeast = ({ ms, inclusive }: MsBound): number => clamped(inclusive ? Math.ceil(ms) : Math.floor(ms) + 1);
const atMost = ({ ms, inclusive }: MsBound): number => clamped(inclusive ? Math.floor(ms) : Math.ceil(ms) - 1);

const more = (bound: Bound): string => (bound.inclusive ? '>=' : '>');
const less = (bound: Bound): string => (bound.inclusive ? '<=' : '<');

/** Thing names are compared as they are, in the column that lists are sorted by. */
function thingNames(query: Extract<Query, { kind: 'is' | 'range' }>, column: string): Sql {
  if (query.kind === 'range') {
    const ends = [];
    if (query.from) ends.push(sql(`${column} ${more(query.from)} ?`, storable(query.from.value)));
    if (query.to) ends.push(sql(`${column} ${less(query.to)} ?`, storable(query.to.value)));
    return joined(' and ', ends);
  }
  const { pattern } = query;
  const literal = literalOf(pattern);
  if (literal !== undefined) return sql(`(${column} = ?)`, storable(literal));
  const prefix = storable(prefixOf(pattern));
  const range = [sql(`${column} >= ?`, prefix), sql(`${column} < ?`, `${prefix}${LAST}`)];
  const like = pattern.map((piece) =>
    typeof piece === 'string' ? storable(piece).replace(/[\\%_]/g, '\\$&') : piece.wild === '*' ? '%' : '_',
  );
  return joined(' and ', isPrefix(pattern) ? range : [...range, sql(`${column} like ?`, like.join(''))]);
}

/** A text that PostgreSQL can take; no thing name has what is replaced. */
const storable = (text: string): string => text.toWellFormed().replaceAll('\0', ' ');

/** Whether the pattern is a text and `*` alone, or `*` alone. */
function isPrefix(pattern: Pattern): boolean {
  const last = pattern.at(-1);
  if (typeof last !== 'object' || last.wild !== '*') return false;
  return pattern.length === 1 || (pattern.length === 2 && typeof pattern[0] === 'string');
}

/** The terms that make a condition true, as a condition on `t.term`. */
function termCondition(query: Extract<Query, { kind: 'word' | 'is' | 'range' }>): Sql {
  if (query.kind === 'word') return patternTerms(wordTerm, beginning(query.pattern));
  const { field } = query;
  if (query.kind === 'range') return rangeTerms(field, query.from, query.to);
  if (isAnything(query.pattern)) return between(`${field}${TEXT}`, `${field}${AFTER_FIELD}`);
  const literal = literalOf(query.pattern);
  const number = literal !== undefined && fieldKind(field) === 'any' ? numberOf(literal) : undefined;
  const text = patternTerms((value) => textTerm(field, value), query.pattern);
  return number === undefined ? text : sql(`(${text.text} or t.term = ?)`, ...text.values, numberTerm(field, number));
}

/** What begins with the pattern. */
function beginning(pattern: Pattern): Pattern {
  const last = pattern.at(-1);
  return typeof last === 'object' && last.wild === '*' ? pattern : [...pattern, { wild: '*' }];
}

const between = (from: string, before: string): Sql => sql('(t.term >= ? and t.term < ?)', from, before);

function patternTerms(term: (text: string) => string, pattern: Pattern): Sql {
  const literal = literalOf(pattern);
  if (literal !== undefined) return sql('t.term = ?', term(literal));
  const prefix = term(prefixOf(pattern));
  const range = between(prefix, `${prefix}${LAST}`);
  if (isPrefix(pattern)) return range;
  const like = pattern.map((piece) =>
    typeof piece === 'string' ? folded(piece).replace(/[\\%_]/g, '\\$&') : piece.wild === '*' ? '%' : '_',
  );
  // The term's own beginning may have characters of `like`, as "tags.floor_no" does.
  return sql(
    '(t.term >= ? and t.term < ? and t.term like ?)',
    ...range.values,
    `${term('').replace(/[\\%_]/g, '\\$&')}${like.join('')}`,
  );
}

function rangeTerms(field: string, from: Bound | undefined, to: Bound | undefined): Sql {
  const bounds = [from, to].filter((bound) => bound !== undefined);
  const numeric = fieldKind(field) === 'any' && bounds.every((bound) => numberOf(bound.value) !== undefined);
  const key = (value: string): string => (numeric ? numberTerm(field, numberOf(value) ?? 0) : textTerm(field, value));
  const [begin, end] = numeric ? [NUMBER, AFTER_FIELD] : [TEXT, NUMBER];
  return joined(' and ', [
    from ? sql(`t.term ${more(from)} ?`, key(from.value)) : sql('t.term >= ?', `${field}${begin}`),
    to ? sql(`t.term ${less(to)} ?`, key(to.value)) : sql('t.term < ?', `${field}${end}`),
  ]);
}
