import { type Bound, literalOf, type Pattern, type Query } from './tree.js';

const bareWord = /^[\p{L}\p{N}._/@+#%$,;'~^-]+$/u;
const reserved = new Set(['AND', 'OR', 'NOT', 'TO']);

/** The query as text that `parseQuery` reads as the same tree. */
export function printQuery(query: Query): string {
  switch (query.kind) {
    case 'all':
      return '*';
    case 'and':
    case 'or':
      return query.parts
        .map((part) => (isGroup(part) ? `(${printQuery(part)})` : printQuery(part)))
        .join(query.kind === 'and' ? ' AND ' : ' OR ');
    case 'not':
      return isGroup(query.part) ? `NOT (${printQuery(query.part)})` : `NOT ${printQuery(query.part)}`;
    case 'word':
      return printPattern(query.pattern);
    case 'member':
      return `group:${printText(query.groupId)}`;
    case 'is':
      return `${printText(query.field)}:${printPattern(query.pattern)}`;
    case 'range': {
      const open = query.from && !query.from.inclusive ? '{' : '[';
      const close = query.to && !query.to.inclusive ? '}' : ']';
      return `${printText(query.field)}:${open}${printBound(query.from)} TO ${printBound(query.to)}${close}`;
    }
  }
}

const isGroup = (query: Query): boolean => query.kind === 'and' || query.kind === 'or';

const printBound = (bound: Bound | undefined): string => (bound ? printText(bound.value) : '*');

const printText = (text: string): string =>
  bareWord.test(text) && !reserved.has(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;

function printPattern(pattern: Pattern): string {
  const literal = literalOf(pattern);
  if (literal !== undefined) return printText(literal);
  return pattern
    .map((piece) =>
      typeof piece === 'string' ? [...piece].map((c) => (bareWord.test(c) ? c : escaped(c))).join('') : piece.wild,
    )
    .join('');
}

/** Each code unit of a character, since the lexer goes by code units. */
const escaped = (character: string): string => character.replace(/[\s\S]/g, '\\$&');
