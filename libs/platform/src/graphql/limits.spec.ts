import { buildSchema, type DocumentNode, Kind, parse, specifiedRules, validate } from 'graphql';
import { costOf, limitsRule, refuseHeavyText, requestLimits, textFaults } from './limits.js';

const schema = buildSchema(`
  type Query { assets(first: Int = 50, after: String): AssetConnection! asset(id: ID!): Asset customers(first: Int): CustomerConnection! }
  type AssetConnection { edges: [AssetEdge!]! totalCount: Int! }
  type AssetEdge { cursor: String! node: Asset! }
  type Asset { id: ID! name: String! customer: Customer! usage(month: String!): [Usage!]! events(first: Int = 20): [Event!]! }
  type Usage { meter: String! total: Amount! }
  type Amount { value: String! }
  type Event { id: ID! asset: Asset! }
  type CustomerConnection { edges: [CustomerEdge!]! }
  type CustomerEdge { node: Customer! }
  type Customer { id: ID! name: String! assets: [Asset!]! }
`);

const cost = (query: string, variables?: Record<string, unknown>): number => {
  const document = parse(query);
  const operation = document.definitions.find((d) => d.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error('no operation');
  return costOf(schema, document, operation, variables);
};

const messages = (text: string | DocumentNode): string[] =>
  textFaults(typeof text === 'string' ? parse(text) : text).map((fault) => fault.message);

const nested = (levels: number): string => `${'{ a '.repeat(levels)}${'}'.repeat(levels)}`;

/** Each fragment spreads the next one twice: 2^n fields when written out. */
const doubling = (n: number): string =>
  `query { ...f0 } ${Array.from({ length: n }, (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`).join(' ')} fragment f${n} on Query { assets { totalCount } }`;

describe('limits of a text', () => {
  it('allows a depth of 10 and no more', () => {
    expect(messages(nested(10))).toEqual([]);
    expect(messages(nested(11))).toEqual(['The query has 11 levels of depth; at most 10 is allowed']);
  });

  it('counts depth through fragments and inline fragments', () => {
    const text = `query { a { ...f } } fragment f on T { b { ... on T { c { d { e { g { h { i { j { k { l } } } } } } } } } } }`;
    expect(messages(text)).toEqual(['The query has 11 levels of depth; at most 10 is allowed']);
  });

  it('allows 15 aliases, wherever they stand', () => {
    const aliased = (n: number) =>
      `{ assets { ${Array.from({ length: n }, (_, i) => `a${i}: totalCount`).join(' ')} } }`;
    expect(messages(aliased(15))).toEqual([]);
    expect(messages(aliased(16))).toEqual(['The query has 16 aliases; at most 15 is allowed']);
    const spread = `query { a { ...f } b { ...f } } fragment f on T { ${Array.from({ length: 8 }, (_, i) => `x${i}: id`).join(' ')} }`;
    expect(messages(spread)).toEqual(['The query has 16 aliases; at most 15 is allowed']);
  });

  it('allows 10 root fields, also when they hide in fragments', () => {
    const fields = (n: number) => Array.from({ length: n }, (_, i) => `f${i}`).join(' ');
    expect(messages(`{ ${fields(10)} }`)).toEqual([]);
    expect(messages(`{ ${fields(11)} }`)).toEqual(['The query has 11 root fields; at most 10 is allowed']);
    expect(messages(`query { ...q ...q } fragment q on Query { ... on Query { ${fields(6)} } }`)).toEqual([
      'The query has 12 root fields; at most 10 is allowed',
    ]);
  });

  it('survives fragment cycles, which another rule reports', () => {
    const text = 'query { ...a } fragment a on Query { assets { totalCount } ...b } fragment b on Query { ...a }';
    expect(messages(text)).toEqual([]);
    expect(validate(schema, parse(text), [...specifiedRules, limitsRule]).map((e) => e.message)).toEqual([
      expect.stringContaining('Cannot spread fragment "a" within itself'),
    ]);
  });

  it('refuses fragments that double at each step, without writing them out', () => {
    expect(messages(doubling(60))).toContain('The query has too much fields; at most 500 is allowed');
  });

  it('lets the standard introspection query through', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    expect(messages(getIntrospectionQuery())).toEqual([]);
    expect(messages(`{ __schema { types { ${nested(25).slice(2, -1)} } } }`)).toEqual([
      expect.stringContaining('levels of introspection'),
    ]);
  });

  it('refuses before validation, and leaves what does not parse to the parser', () => {
    expect(() => refuseHeavyText(nested(11))).toThrow('11 levels of depth');
    expect(() => refuseHeavyText(nested(3))).not.toThrow();
    expect(() => refuseHeavyText('{ a ')).not.toThrow();
    expect(() => refuseHeavyText({ not: 'text' })).not.toThrow();
  });
});

describe('cost of an operation', () => {
  it('is 1 for an object, 3 for one with arguments of its own, nothing for plain fields', () => {
    expect(cost('{ asset(id: "1") { id name } }')).toBe(3);
    expect(cost('{ asset(id: "1") { customer { id name } } }')).toBe(4);
  });

  it('multiplies by the page that is asked for: literal, variable, default of the variable, default of the list', () => {
    const page = (first: string) => `{ assets${first} { edges { node { id } } } }`;
    expect(cost(page('(first: 100)'))).toBe(1 + 1 + 100 * 2);
    expect(cost(page(''))).toBe(1 + 1 + 50 * 2);
    expect(cost('query ($n: Int) { assets(first: $n) { edges { node { id } } } }', { n: 7 })).toBe(1 + 1 + 7 * 2);
    expect(cost('query ($n: Int = 9) { assets(first: $n) { edges { node { id } } } }')).toBe(1 + 1 + 9 * 2);
  });

  it('multiplies nested lists with each other', () => {
    const query = '{ customers(first: 100) { edges { node { assets { events(first: 100) { id } } } } } }';
    // 100 customers × 5 assumed assets × (1 + computed list of 100 events)
    expect(cost(query)).toBe(1 + 1 + 100 * (1 + 1 + 1 + 5 * (1 + 1 + 100)));
    expect(cost(query)).toBeGreaterThan(requestLimits.cost);
  });

  it('counts fragments where they are spread', () => {
    const plain = cost(
      '{ assets(first: 10) { edges { node { customer { id } usage(month: "2026-01") { total { value } } } } } }',
    );
    const spread = cost(
      'query { assets(first: 10) { edges { node { ...a } } } } fragment a on Asset { customer { id } ...u } fragment u on Asset { usage(month: "2026-01") { total { value } } }',
    );
    expect(spread).toBe(plain);
  });

  it('stays a finite number for fragments that double at each step', () => {
    expect(cost(doubling(90))).toBe(1e9);
  });

  it('takes a page of nothing or of less as the default, so it cannot be hidden in a bad number', () => {
    expect(cost('{ assets(first: -1) { edges { node { id } } } }')).toBe(1 + 1 + 50 * 2);
    expect(cost('query ($n: Int) { assets(first: $n) { edges { node { id } } } }', { n: 'NaN' })).toBe(1 + 1 + 50 * 2);
  });
});
