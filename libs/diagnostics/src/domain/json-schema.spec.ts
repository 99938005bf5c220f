import fc from 'fast-check';
import {
  compileSchema,
  type JsonSchema,
  MAX_SCHEMA_BYTES,
  MAX_SCHEMA_DEPTH,
  schemaFaults,
  valueFaults,
} from './json-schema.js';

const object = (more: object = {}): JsonSchema => ({ type: 'object', ...more });
const rulesOf = (schema: unknown) => schemaFaults('s', schema).map(({ field, rule }) => `${field} ${rule}`);

describe('a schema', () => {
  it('of the usual kinds is taken', () => {
    const schema = object({
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'T',
      properties: {
        // Names that are keywords elsewhere are names here.
        pattern: { type: 'string', maxLength: 10 },
        id: { $ref: '#/$defs/id' },
        list: { type: 'array', items: { type: ['integer', 'null'] }, maxItems: 3 },
        mode: { enum: ['a', { pattern: 'x' }] },
      },
      $defs: { id: { type: 'integer', minimum: 1 } },
      required: ['mode'],
      additionalProperties: false,
    });
    expect(schemaFaults('s', schema)).toEqual([]);
    expect(valueFaults('v', compileSchema(schema), { id: 0, list: [1, 'x'], mode: 'b', more: 1 })).toEqual([
      { field: 'v.more', value: { id: 0, list: [1, 'x'], mode: 'b', more: 1 }, rule: 'is not a property of it' },
      { field: 'v.id', value: 0, rule: 'must be >= 1' },
      { field: 'v.list[1]', value: 'x', rule: 'must be integer,null' },
      { field: 'v.mode', value: 'b', rule: 'must be one of ["a",{"pattern":"x"}]' },
    ]);
  });

  it.each<[unknown, string]>([
    [null, 's must be a JSON object'],
    [[], 's must be a JSON object'],
    [{}, 's.type must be "object"'],
    [object({ $id: 'https://elsewhere.example/x' }), 's.$id is not taken here'],
    [object({ properties: { a: { $ref: 'https://elsewhere.example/x' } } }), 's.properties.a.$ref must lead to a part'],
    [object({ properties: { a: { $ref: '#' } } }), 's.properties.a.$ref must lead to a part'],
    [object({ properties: { a: { $ref: '#/$defs/none' } } }), 's must refer to parts of its own that exist'],
    [object({ $defs: { a: { $ref: '#/$defs/a' } } }), 'not in a circle'],
    [object({ $defs: { a: { $ref: '#/$defs/b' }, b: { not: { $ref: '#/$defs/a' } } } }), 'not in a circle'],
    [object({ properties: { a: { type: 'string', pattern: '(a+)+$' } } }), 's.properties.a.pattern is not taken here'],
    [object({ patternProperties: {} }), 's.patternProperties is not taken here'],
    [object({ allOf: [{ $dynamicRef: '#x' }] }), 's.allOf[0].$dynamicRef is not taken here'],
    [object({ $schema: 'https://json-schema.org/draft/2020-12/schema' }), 's.$schema must be draft 7'],
    [object({ propertys: {} }), 'unknown keyword'],
    [object({ properties: { a: { type: 'strng' } } }), 'must be a JSON schema'],
    [object({ properties: { a: { type: 'string', format: 'email' } } }), 'unknown format'],
    [object({ title: 'a\0' }), 's must not hold text with a NUL character'],
    [object({ title: 'x'.repeat(MAX_SCHEMA_BYTES) }), `s must have at most ${MAX_SCHEMA_BYTES} bytes`],
  ])('%j is refused', (schema, rule) => {
    expect(rulesOf(schema).join()).toContain(rule);
  });

  it('that nests too deep, or grows too large when its references are written out, is refused', () => {
    let deep: object = { type: 'string' };
    for (let i = 0; i < MAX_SCHEMA_DEPTH; i += 1) deep = { not: deep };
    expect(rulesOf(object(deep)).join()).toContain(`at most ${MAX_SCHEMA_DEPTH} levels`);
    // Each step doubles: 2^20 checks of one value.
    const $defs: Record<string, object> = { a0: { type: 'string' } };
    for (let i = 1; i <= 20; i += 1)
      $defs[`a${i}`] = { allOf: [{ $ref: `#/$defs/a${i - 1}` }, { $ref: `#/$defs/a${i - 1}` }] };
    expect(rulesOf(object({ properties: { x: { $ref: '#/$defs/a20' } }, $defs })).join()).toContain(
      'at most 1000 parts',
    );
  });

  it('that is anything at all gives faults or compiles, and never throws', () => {
    const word = fc.constantFrom(
      'type',
      'properties',
      '$ref',
      'items',
      'allOf',
      'required',
      '$defs',
      'enum',
      'minimum',
      'x',
    );
    const leaf = fc.constantFrom<unknown>('object', 'string', '#/$defs/x', '#/properties/x', 1, null, true, []);
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(word, tie('tree'))),
    }));
    fc.assert(
      fc.property(fc.dictionary(word, tree), fc.jsonValue(), (parts, value) => {
        const schema = object(parts.type === undefined ? parts : { ...parts, type: 'object' });
        if (schemaFaults('s', schema).length === 0)
          expect(Array.isArray(valueFaults('v', compileSchema(schema), value))).toBe(true);
      }),
    );
  });
});
