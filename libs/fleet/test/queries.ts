import fc from 'fast-check';
import type { DeviceFacts } from '../src/domain/query/facts.js';
import type { Bound, Pattern, Query } from '../src/domain/query/tree.js';

/** Values that meet often, so that random queries match random devices. */
const words = [
  'pump-1',
  'pump-12',
  'Pump 12',
  'Harbour Foods',
  'ÄRGER_%',
  'a\\b',
  '1.10',
  '1.9',
  '20',
  '-3.5',
  'true',
  'x:y',
  'ΟΔΟΣ',
];
const keys = ['region', 'floor_no', 'a.b', 'x:y'];
const paths = ['t', 'mode', 'deep.er', 'list', 'we ird"'];

const piece = fc.oneof(
  fc.constantFrom(...words),
  fc.constantFrom('p', 'um', '1', 'foo', '%', '_'),
  fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme' }),
);
const wild = fc.constantFrom({ wild: '*' } as const, { wild: '?' } as const);

/** In normal form: texts and wildcards take turns. */
export const patterns: fc.Arbitrary<Pattern> = fc.oneof(
  piece.map((text) => [text]),
  fc.tuple(piece, wild).map(([text, w]) => [text, w]),
  fc
    .tuple(wild, piece, fc.option(wild, { nil: undefined }))
    .map(([w, text, end]) => (end ? [w, text, end] : [w, text])),
  fc.constant([{ wild: '*' } as const]),
);

const bound: fc.Arbitrary<Bound> = fc.record({
  value: fc.oneof(fc.constantFrom(...words), fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map(String)),
  inclusive: fc.boolean(),
});
/** At least one end; an end that is not there is written as inclusive. */
const ends = fc
  .tuple(fc.option(bound, { nil: undefined }), fc.option(bound, { nil: undefined }))
  .filter(([from, to]) => from !== undefined || to !== undefined)
  .map(([from, to]) => ({ ...(from ? { from } : {}), ...(to ? { to } : {}) }));

const textFields = fc.oneof(
  fc.constantFrom(
    'thingName',
    'model',
    'state',
    'firmware',
    'customer.name',
    'site.name',
    'asset.name',
    'asset.serialNumber',
    'asset.location',
  ),
  fc.constantFrom(...keys).map((key) => `tags.${key}`),
);
const anyFields = fc
  .tuple(
    fc.constantFrom('shadow', 'shadow.name.conf-1'),
    fc.constantFrom('reported', 'desired'),
    fc.constantFrom(...paths),
  )
  .map((parts) => parts.join('.'));
const seconds = fc.integer({ min: -10, max: 5_000 }).map(String);
const instants = fc.integer({ min: 1_772_000_000_000, max: 1_773_000_000_000 }).map((ms) => new Date(ms).toISOString());
const numericEnds = (values: fc.Arbitrary<string>) =>
  fc
    .tuple(values, fc.boolean(), fc.boolean())
    .map(([value, inclusive, lower]) => (lower ? { from: { value, inclusive } } : { to: { value, inclusive } }));

export const leaves: fc.Arbitrary<Query> = fc.oneof(
  patterns
    .filter((pattern) => typeof pattern[0] === 'string' || pattern.length > 1)
    .map((pattern) => ({ kind: 'word', pattern }) as const),
  fc
    .tuple(fc.oneof(textFields, anyFields), patterns)
    .map(([field, pattern]) => ({ kind: 'is', field, pattern }) as const),
  fc
    .tuple(fc.oneof(textFields, anyFields), ends)
    .map(([field, range]) => ({ kind: 'range', field, ...range }) as const),
  fc
    .tuple(fc.constantFrom('connectivity.connected', 'installation.loan'), fc.constantFrom('true', 'false'))
    .map(([field, value]) => ({ kind: 'is', field, pattern: [value] }) as const),
  fc
    .constantFrom('connectivity.timestamp', 'connectivity.disconnectedFor')
    .map((field) => ({ kind: 'is', field, pattern: [{ wild: '*' }] }) as const),
  numericEnds(seconds).map((range) => ({ kind: 'range', field: 'connectivity.disconnectedFor', ...range }) as const),
  numericEnds(instants).map((range) => ({ kind: 'range', field: 'connectivity.timestamp', ...range }) as const),
  fc.constant({ kind: 'all' } as const),
);

/** Trees as the parser makes them: AND has no AND directly in it, and neither has fewer than two parts. */
export const queries: fc.Arbitrary<Query> = fc.letrec<{ query: Query; group: Query; not: Query }>((tie) => ({
  query: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaves, tie('group'), tie('not')),
  group: fc
    .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('query'), { minLength: 2, maxLength: 3 }))
    .map(([kind, parts]) => ({ kind, parts: parts.flatMap((part) => (part.kind === kind ? part.parts : [part])) })),
  not: tie('query').map((part) => ({ kind: 'not', part }) as const),
})).query;

const leaf = fc.oneof(
  fc.constantFrom(...words),
  fc.double({ noNaN: true, min: -100, max: 100 }),
  fc.constantFrom(20, -3.5, 0, -0),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(fc.integer(), fc.constantFrom(...words)), { maxLength: 3 }),
);
const document = fc
  .dictionary(fc.constantFrom('t', 'mode', 'list', 'we ird"'), leaf)
  .chain((flat) =>
    fc.option(leaf, { nil: undefined }).map((er) => (er === undefined ? flat : { ...flat, deep: { er } })),
  );
const shadow = fc.record({ desired: document, reported: document }, { requiredKeys: [] });

/** What random devices have besides their place in the registry. */
export const deviceFacts: fc.Arbitrary<Pick<DeviceFacts, 'firmware' | 'tags' | 'shadows'>> = fc.record({
  firmware: fc.option(fc.constantFrom('1.9', '1.10', '1.10.3', '2.0-rc1', 'pump-1')),
  tags: fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...words)),
  shadows: fc.dictionary(fc.constantFrom('', 'conf-1'), shadow),
});
