import { type FieldKind, fieldKind, fixedFields, openFields } from './fields.js';
import { queryFault, type Token, tokenName, tokens } from './lexer.js';
import { queryLimits } from './limits.js';
import { type Bound, literalOf, type Pattern, type Query } from './tree.js';
import { instantOf, numberOf } from './values.js';

/**
 * Reads a query. Grammar, NOT before AND before OR; words beside each other are ANDed; an empty text is every device:
 *
 *     or    = and { OR and }
 *     and   = unary { [AND] unary }
 *     unary = NOT unary | "(" or ")" | condition
 *     condition = word | field ":" (word | range | op word) | field op word      op: < <= > >= =
 *     range = ("[" | "{") (word | *) TO (word | *) ("]" | "}")                   [ ]: inclusive, { }: exclusive
 *
 * `group:name` is what `groupOf` gives for the name or id: who is in a group is known outside of the text.
 * Errors: INVALID_INPUT naming the position and what was expected there, or the limit that was exceeded.
 */
export function parseQuery(text: string, groupOf: GroupOf = () => undefined): Query {
  const parser = new Parser(text, groupOf);
  return parser.whole();
}

/** Who is in the group of a name or id, as a query; undefined when there is no such group. */
export type GroupOf = (nameOrId: string) => Query | undefined;

type Text = Extract<Token, { kind: 'text' }>;

class Parser {
  private readonly tokens: readonly Token[];
  private position = 0;
  private conditions = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly groupOf: GroupOf,
  ) {
    this.tokens = tokens(text);
  }

  whole(): Query {
    const first = this.next;
    if (first.kind === 'end') return { kind: 'all' };
    const query = this.or();
    if (this.next.kind !== 'end') throw this.expected('AND, OR, a condition or the end');
    return query;
  }

  private get next(): Token {
    // The last token is the end and is never taken.
    return this.tokens[this.position] ?? { kind: 'end', at: this.text.length + 1 };
  }

  private or(): Query {
    const parts = [this.and()];
    while (this.taken('or')) parts.push(this.and());
    return joined('or', parts);
  }

  private and(): Query {
    const parts = [this.unary()];
    while (this.taken('and') || ['not', '(', 'text'].includes(this.next.kind)) parts.push(this.unary());
    return joined('and', parts);
  }

  private unary(): Query {
    const { next } = this;
    if (next.kind !== 'not' && next.kind !== '(') return this.condition();
    this.depth += 1;
    if (this.depth > queryLimits.depth)
      throw queryFault(
        this.text,
        next.at,
        `at most ${queryLimits.depth} parentheses and NOTs may be inside each other`,
      );
    this.position += 1;
    const query: Query = next.kind === 'not' ? { kind: 'not', part: this.unary() } : this.or();
    if (next.kind === '(' && !this.taken(')')) throw this.expected('")"');
    this.depth -= 1;
    return query;
  }

  private condition(): Query {
    const word = this.word('a word, a field, NOT or "("');
    this.conditions += 1;
    if (this.conditions > queryLimits.conditions)
      throw queryFault(this.text, word.at, `a query has at most ${queryLimits.conditions} conditions`);
    const operator = this.next.kind;
    if (operator === ':') {
      this.position += 1;
      return this.ofField(word, this.next.kind);
    }
    if (['<', '<=', '>', '>=', '='].includes(operator)) return this.ofField(word, operator);
    if (literalOf(word.pattern) === '') throw queryFault(this.text, word.at, 'an empty word matches nothing');
    return word.quoted === false && isStar(word.pattern) ? { kind: 'all' } : { kind: 'word', pattern: word.pattern };
  }

  private ofField(name: Text, operator: Token['kind']): Query {
    const field = literalOf(name.pattern) ?? '';
    if (field === 'group') return this.ofGroup(operator);
    const kind = fieldKind(field);
    if (!kind) throw queryFault(this.text, name.at, `no such field; there are ${fieldNames}`);
    if (operator === '[' || operator === '{') return this.range(field, kind);
    if (operator === '<' || operator === '<=' || operator === '>' || operator === '>=') {
      this.position += 1;
      const bound: Bound = { value: this.bound(kind), inclusive: operator.endsWith('=') };
      return { kind: 'range', field, ...(operator.startsWith('<') ? { to: bound } : { from: bound }) };
    }
    if (operator === '=') this.position += 1;
    const value = this.word('a value, "[", "{" or a comparison');
    this.check(kind, value);
    return { kind: 'is', field, pattern: value.pattern };
  }

  private ofGroup(operator: Token['kind']): Query {
    if (operator === '=') this.position += 1;
    const word = this.word('the name or id of a group');
    const name = literalOf(word.pattern);
    const query = name === undefined ? undefined : this.groupOf(name);
    if (!query) throw queryFault(this.text, word.at, 'there is no group of this name or id');
    return query;
  }

  private range(field: string, kind: FieldKind): Query {
    const open = this.next;
    this.position += 1;
    const from = this.openBound(kind);
    const to = this.next;
    if (to.kind !== 'text' || to.quoted || literalOf(to.pattern) !== 'TO') throw this.expected('TO');
    this.position += 1;
    const until = this.openBound(kind);
    const close = this.next;
    if (close.kind !== ']' && close.kind !== '}') throw this.expected('"]" or "}"');
    this.position += 1;
    if (from === undefined && until === undefined) return { kind: 'is', field, pattern: [{ wild: '*' }] };
    return {
      kind: 'range',
      field,
      ...(from === undefined ? {} : { from: { value: from, inclusive: open.kind === '[' } }),
      ...(until === undefined ? {} : { to: { value: until, inclusive: close.kind === ']' } }),
    };
  }

  private openBound(kind: FieldKind): string | undefined {
    const { next } = this;
    if (next.kind === 'text' && !next.quoted && isStar(next.pattern)) {
      this.position += 1;
      return undefined;
    }
    return this.bound(kind);
  }

  private bound(kind: FieldKind): string {
    const word = this.word('a value');
    const value = literalOf(word.pattern);
    if (value === undefined) throw queryFault(this.text, word.at, 'the end of a range has no wildcards');
    if (kind === 'boolean') throw queryFault(this.text, word.at, 'true and false have no order; write field:true');
    this.check(kind, word);
    return value;
  }

  /** Refuses a value that the field cannot have, since a query that silently matches nothing helps nobody. */
  private check(kind: FieldKind, word: Text): void {
    if (!word.quoted && isStar(word.pattern)) return;
    const value = literalOf(word.pattern);
    const refuse = (rule: string) => queryFault(this.text, word.at, rule);
    if (kind === 'boolean' && value !== 'true' && value !== 'false') throw refuse('expected true or false');
    if (kind === 'seconds' && (value === undefined || numberOf(value) === undefined))
      throw refuse('expected a number of seconds');
    if (kind === 'instant' && (value === undefined || instantOf(value) === undefined))
      throw refuse('expected ms since the epoch or an instant in quotes, such as "2026-03-02T08:00:00Z"');
  }

  private word(expected: string): Text {
    const { next } = this;
    if (next.kind !== 'text') throw this.expected(expected);
    this.position += 1;
    return next;
  }

  private taken(kind: Token['kind']): boolean {
    if (this.next.kind !== kind) return false;
    this.position += 1;
    return true;
  }

  private expected(what: string) {
    return queryFault(this.text, this.next.at, `expected ${what}, found ${tokenName(this.next)}`);
  }
}

const fieldNames = [...Object.keys(fixedFields), 'group', ...openFields].join(', ');

const isStar = (pattern: Pattern): boolean => {
  const [only] = pattern;
  return pattern.length === 1 && typeof only === 'object' && only.wild === '*';
};

/** One part stands for itself; parts of the same kind are taken in. */
function joined(kind: 'and' | 'or', parts: readonly Query[]): Query {
  const [first, ...others] = parts;
  if (first && others.length === 0) return first;
  return { kind, parts: parts.flatMap((part) => (part.kind === kind ? part.parts : [part])) };
}
