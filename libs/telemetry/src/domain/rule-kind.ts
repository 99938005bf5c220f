/** Characters of a rule that are kept to tell faults apart. */
const MAX_KIND = 200;

const place = /^\[\d+\] /;
const ordinal = /^(message|record) \d+: /;

/**
 * What the rules of messages with one fault have in common: without the place in an array and without what was given. A flood
 * of one fault is one kind, whatever values it carries.
 */
export const ruleKind = (rule: string): string =>
  rule
    .replace(place, '')
    .replace(ordinal, '')
    .replace(/ \(given: .*$/s, '')
    // What the parser says quotes the payload.
    .replace(/^(must be JSON):.*$/s, '$1')
    .slice(0, MAX_KIND);

/** The rule's place in an array, "[3] ", or nothing for a whole payload. */
export const placeOf = (rule: string): string => place.exec(rule)?.[0] ?? '';
