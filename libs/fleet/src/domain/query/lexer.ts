import { invalid } from '@throughline/kernel';
import { queryLimits } from './limits.js';
import type { Pattern, Wild } from './tree.js';

/** `at`: position of its first character in the text, from 1. */
export type Token =
  | { readonly kind: 'text'; readonly at: number; readonly pattern: Pattern; readonly quoted: boolean }
  | { readonly kind: 'and' | 'or' | 'not' | 'end'; readonly at: number }
  | {
      readonly kind: '(' | ')' | '[' | ']' | '{' | '}' | ':' | '<' | '<=' | '>' | '>=' | '=';
      readonly at: number;
    };

/** What a token is called in an error. */
export const tokenName = (token: Token): string => {
  if (token.kind === 'end') return 'the end';
  if (token.kind === 'text') return 'a word';
  return /^[a-z]/.test(token.kind) ? token.kind.toUpperCase() : `"${token.kind}"`;
};

/** The fault of a query: where, and what was expected there. */
export const queryFault = (text: string, at: number, rule: string) =>
  invalid({ field: 'query', value: text, rule: `at position ${at}: ${rule}` });

const keywords: Readonly<Record<string, 'and' | 'or' | 'not'>> = {
  AND: 'and',
  OR: 'or',
  NOT: 'not',
  '&&': 'and',
  '||': 'or',
};
const marks = new Set(['(', ')', '[', ']', '{', '}', ':', '<', '<=', '>', '>=', '=']);
/** These end a bare word; a backslash before one makes it part of the word. */
const special = /[\s()[\]{}:<>="]/;

/** The tokens of a query, the last one being its end. Errors: INVALID_INPUT naming the position. */
export function tokens(text: string): Token[] {
  if (text.length > queryLimits.length)
    throw invalid({ field: 'query', value: text, rule: `must have at most ${queryLimits.length} characters` });
  const found: Token[] = [];
  let i = 0;
  while (i < text.length) {
    const at = i + 1;
    const character = text.charAt(i);
    const two = text.slice(i, i + 2);
    if (/\s/.test(character)) i += 1;
    else if (marks.has(two) || marks.has(character)) {
      const mark = marks.has(two) ? two : character;
      found.push({ kind: mark as '(', at });
      i += mark.length;
    } else if (character === '"') {
      const { pattern, next } = quoted(text, i);
      found.push({ kind: 'text', at, pattern, quoted: true });
      i = next;
    } else {
      const { pattern, next } = bare(text, i);
      const keyword = Object.hasOwn(keywords, text.slice(i, next)) && keywords[text.slice(i, next)];
      found.push(keyword ? { kind: keyword, at } : { kind: 'text', at, pattern, quoted: false });
      i = next;
    }
  }
  return [...found, { kind: 'end', at: text.length + 1 }];
}

function quoted(text: string, start: number): { pattern: Pattern; next: number } {
  let value = '';
  for (let i = start + 1; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (character === '"') return { pattern: value === '' ? [] : [value], next: i + 1 };
    if (character === '\\') {
      i += 1;
      value += text.charAt(i);
    } else value += character;
  }
  throw queryFault(text, start + 1, 'a quotation that begins here does not end');
}

function bare(text: string, start: number): { pattern: Pattern; next: number } {
  const pieces: (string | Wild)[] = [];
  let literal = '';
  let wildcards = 0;
  const flush = (): void => {
    if (literal !== '') pieces.push(literal);
    literal = '';
  };
  let i = start;
  for (; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (special.test(character)) break;
    if (character === '\\') {
      if (i + 1 >= text.length) throw queryFault(text, i + 1, 'a character must follow the backslash');
      i += 1;
      literal += text.charAt(i);
    } else if (character === '*' || character === '?') {
      flush();
      const last = pieces.at(-1);
      // "**" says no more than "*".
      if (character === '*' && typeof last === 'object' && last.wild === '*') continue;
      wildcards += 1;
      if (wildcards > queryLimits.wildcards)
        throw queryFault(text, start + 1, `a word has at most ${queryLimits.wildcards} wildcards`);
      pieces.push({ wild: character });
    } else literal += character;
  }
  flush();
  return { pattern: pieces, next: i };
}
