/** What one query may ask. A query that a person writes has some 100 characters, 10 conditions and 3 levels. */
export const queryLimits = {
  /** Characters of the text. */
  length: 2_000,
  /** Words, field conditions and ranges. */
  conditions: 64,
  /** Conditions of a query together with those of the groups it names. */
  conditionsWithGroups: 256,
  /** Groups whose queries name groups. */
  groupDepth: 4,
  /** Parentheses and NOTs inside each other. */
  depth: 16,
  /** Wildcards in one pattern. */
  wildcards: 8,
} as const;
