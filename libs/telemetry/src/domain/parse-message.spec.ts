import fc from 'fast-check';
import { type CompiledSchema, compileSchema } from './compiled-schema.js';
import type { MessageIdentity } from './identity.js';
import { EARLIEST_TS, MAX_AHEAD_MS, MAX_ARRAY, MAX_PAYLOAD_BYTES } from './limits.js';
import { parseTelemetry } from './parse-message.js';
import type { Refusal } from './refusal.js';

const now = Date.UTC(2026, 2, 2, 8);
const schema: CompiledSchema = compileSchema({
  modelId: 'm',
  version: 3,
  metrics: [
    { name: 'pressure_bar', title: 'Pressure', unit: 'bar', kind: 'gauge', min: 0, max: 16 },
    { name: 'output_m3', title: 'Output', unit: 'm3', kind: 'counter', rollover: 1_000 },
    { name: 'state', title: 'State', unit: '1', kind: 'state' },
    { name: 'door', title: 'Door', unit: '1', kind: 'flag' },
  ],
});

interface Parsed {
  stored: (MessageIdentity & { values: number[]; element: number })[];
  refused: (Refusal & { element: number })[];
}

function parse(payload: string | Buffer): Parsed {
  const result: Parsed = { stored: [], refused: [] };
  parseTelemetry(Buffer.from(payload as string), schema, now, {
    message: (identity, values, _schema, element) => result.stored.push({ ...identity, values: [...values], element }),
    refused: (refusal, element) => result.refused.push({ ...refusal, element }),
  });
  return result;
}

const good = { ts: now, boot: 17, seq: 4_711, m: { pressure_bar: 7.1, output_m3: 12.5, state: 2, door: true } };
const parseOne = (change: Record<string, unknown>) => parse(JSON.stringify({ ...good, ...change }));
const reasonOf = (parsed: Parsed) => {
  expect(parsed.stored).toEqual([]);
  expect(parsed.refused).toHaveLength(1);
  return parsed.refused[0]?.reason;
};

describe('a telemetry payload', () => {
  it('becomes a vector in the order of the schema; a metric it does not carry is NaN', () => {
    expect(parse(JSON.stringify(good)).stored).toEqual([
      { ts: now, boot: 17, seq: 4_711, values: [7.1, 12.5, 2, 1], element: -1 },
    ]);
    expect(parseOne({ m: { state: 0, pressure_bar: 0 } }).stored[0]?.values).toEqual([0, Number.NaN, 0, Number.NaN]);
    expect(parseOne({ m: {} }).stored[0]?.values).toEqual(Array(4).fill(Number.NaN));
  });

  it('may give its time as RFC 3339', () => {
    expect(parseOne({ ts: '2026-03-02T09:00:00.250+01:00' }).stored[0]?.ts).toBe(now + 250);
  });

  it('is in legacy mode without boot and seq: boot 0, and its time as seq', () => {
    const { boot, seq, ...legacy } = good;
    expect(parse(JSON.stringify(legacy)).stored[0]).toMatchObject({ boot: 0, seq: now, ts: now });
    expect(boot + seq).toBe(4_728);
  });

  it.each([
    ['malformed_json', '{"ts":1'],
    ['malformed_json', ''],
    ['malformed_json', '{"ts":NaN}'],
    ['malformed_json', `{"ts":${now},"boot":1,"seq":1,"m":{"pressure_bar":Infinity}}`],
    ['malformed_json', Buffer.from([0xff, 0xfe, 0x00])],
    ['not_an_object', '17'],
    ['not_an_object', 'null'],
    ['not_an_object', '"text"'],
    ['not_an_object', '[]'],
    ['not_an_object', '[[1]]'],
    ['too_deep', `${'['.repeat(60_000)}${']'.repeat(60_000)}`],
    ['too_deep', `{"m":${'{"a":'.repeat(9)}1${'}'.repeat(9)}}`],
    ['too_large', ' '.repeat(MAX_PAYLOAD_BYTES + 1)],
    ['too_many', JSON.stringify(Array(MAX_ARRAY + 1).fill(0))],
    ['forbidden_key', `{"__proto__":{"x":1},"ts":${now},"m":{}}`],
    ['forbidden_key', `{"ts":${now},"boot":1,"seq":1,"m":{"__proto__":1}}`],
    ['forbidden_key', `{"ts":${now},"boot":1,"seq":1,"m":{"constructor":1}}`],
    ['wrong_type', `{"ts":${now},"boot":1,"seq":1,"m":{"pressure_bar":1e400}}`],
  ])('is refused as %s', (reason, payload) => {
    expect(reasonOf(parse(payload))).toBe(reason);
  });

  it.each([
    ['unknown_field', { extra: 1 }],
    ['unknown_metric', { m: { pressure: 1 } }],
    ['unknown_metric', { m: { toString: 1 } }],
    ['wrong_type', { m: { pressure_bar: '7.1' } }],
    ['wrong_type', { m: { pressure_bar: null } }],
    ['wrong_type', { m: { pressure_bar: true } }],
    ['wrong_type', { m: { pressure_bar: [7] } }],
    ['wrong_type', { m: { state: 2.5 } }],
    ['wrong_type', { m: { door: 2 } }],
    ['out_of_range', { m: { pressure_bar: 16.000001 } }],
    ['out_of_range', { m: { pressure_bar: -0.1 } }],
    ['out_of_range', { m: { output_m3: -1 } }],
    ['out_of_range', { m: { output_m3: 1_000.5 } }],
    ['not_an_object', { m: [] }],
    ['not_an_object', { m: undefined }],
    ['bad_identity', { boot: -1 }],
    ['bad_identity', { boot: 1.5 }],
    ['bad_identity', { boot: 2 ** 31 }],
    ['bad_identity', { boot: '1' }],
    ['bad_identity', { seq: 2 ** 53 }],
    ['bad_identity', { seq: null }],
    ['bad_identity', { seq: undefined }],
    ['bad_identity', { boot: undefined }],
    ['bad_time', { ts: undefined }],
    ['bad_time', { ts: 'yesterday' }],
    ['bad_time', { ts: '2026-02-31T00:00:00' }],
    ['bad_time', { ts: now + 0.5 }],
    ['bad_time', { ts: 0 }],
    ['bad_time', { ts: EARLIEST_TS - 1 }],
    ['bad_time', { ts: now + MAX_AHEAD_MS + 1 }],
  ])('is refused as %s: %j', (reason, change) => {
    expect(reasonOf(parseOne(change))).toBe(reason);
  });

  it('is stored at the very edges of the rules', () => {
    for (const change of [
      { ts: EARLIEST_TS },
      { ts: now + MAX_AHEAD_MS },
      { boot: 0, seq: 0 },
      { boot: 2 ** 31 - 1, seq: Number.MAX_SAFE_INTEGER },
      { m: { pressure_bar: 16, output_m3: 1_000 } },
    ])
      expect(parseOne(change).stored).toHaveLength(1);
    expect(parse(JSON.stringify(Array(MAX_ARRAY).fill(good))).stored).toHaveLength(MAX_ARRAY);
  });

  it('keeps the good of an array and refuses the bad with their place and identity', () => {
    const elements = [good, { ...good, seq: 5, m: { pressure_bar: 99 } }, 7, { ...good, seq: 6 }];
    const { stored, refused } = parse(JSON.stringify(elements));
    expect(stored.map((m) => [m.element, m.seq])).toEqual([
      [0, 4_711],
      [3, 6],
    ]);
    expect(refused).toMatchObject([
      {
        element: 1,
        reason: 'out_of_range',
        boot: 17,
        seq: 5,
        rule: 'm.pressure_bar: must be from 0 to 16 (given: 99)',
      },
      { element: 2, reason: 'not_an_object' },
    ]);
  });

  it('does not change what other payloads become', () => {
    parse(`{"__proto__":{"polluted":1},"ts":${now},"m":{"__proto__":{"polluted":1}}}`);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(parse(JSON.stringify(good)).stored).toHaveLength(1);
  });
});

describe('any payload', () => {
  const accounted = (payload: Buffer, expected?: number) => {
    const { stored, refused } = parse(payload);
    expect(stored.length + refused.length).toBe(
      expected ?? (refused[0]?.element === -1 ? 1 : stored.length + refused.length),
    );
    expect(stored.length + refused.length).toBeGreaterThan(0);
    for (const { values, boot, seq, ts } of stored) {
      expect(values).toHaveLength(4);
      expect([boot, seq, ts].every(Number.isSafeInteger)).toBe(true);
      expect(values.some((v) => v === Number.POSITIVE_INFINITY || v === Number.NEGATIVE_INFINITY)).toBe(false);
    }
    for (const { rule } of refused) expect(rule).not.toBe('');
  };

  it('of bytes never throws and is stored or refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => accounted(Buffer.from(bytes), 1)));
  });

  it('of JSON never throws; each element is stored or refused once', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        accounted(Buffer.from(text), Array.isArray(value) ? Math.max(1, value.length) : 1);
      }),
    );
  });

  it('near a message is stored only when every part of it is right', () => {
    const odd = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(-0, 2 ** 53, '', now, now + 1e9, 2.5));
    const message = fc.record(
      {
        ts: fc.oneof(fc.constant(now), odd),
        boot: fc.oneof(fc.nat(), odd),
        seq: fc.oneof(fc.nat(), odd),
        m: fc.oneof(fc.dictionary(fc.constantFrom('pressure_bar', 'state', 'door', '__proto__', 'x'), odd), odd),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), (messages) => {
        const { stored, refused } = parse(JSON.stringify(messages));
        expect([...stored, ...refused].map((x) => x.element).sort()).toEqual(messages.map((_, i) => i));
        for (const { element, values } of stored) {
          const { ts, m } = messages[element] as { ts: unknown; m: Record<string, unknown> };
          expect([now, ts]).toContain(ts);
          expect(values[0]).toEqual(m.pressure_bar === undefined ? Number.NaN : m.pressure_bar);
        }
      }),
    );
  });
});
