import { encode } from 'cborg';
import fc from 'fast-check';
import { compileSchema } from '../compiled-schema.js';
import type { MessageIdentity } from '../identity.js';
import { MAX_ARRAY, MAX_PAYLOAD_BYTES } from '../limits.js';
import { parseTelemetry } from '../parse-message.js';
import type { Refusal } from '../refusal.js';
import { ruleKind } from '../rule-kind.js';
import { type Encoding, encodingOf, encodings } from './encoding.js';
import { isSameUnit } from './senml-units.js';

const now = Date.UTC(2026, 2, 2, 8);
const schema = compileSchema({
  modelId: 'm',
  version: 3,
  metrics: [
    { name: 'pressure_bar', title: 'Pressure', unit: 'bar', kind: 'gauge', min: 0, max: 16 },
    { name: 'energy_kwh', title: 'Energy', unit: 'kW.h', kind: 'counter' },
    { name: 'state', title: 'State', unit: '1', kind: 'state' },
    { name: 'door', title: 'Door', unit: '1', kind: 'flag' },
  ],
});

interface Stored extends MessageIdentity {
  readonly values: number[];
  readonly element: number;
}

function parse(payload: Buffer, encoding: Encoding): { stored: Stored[]; refused: (Refusal & { element: number })[] } {
  const result = { stored: [] as Stored[], refused: [] as (Refusal & { element: number })[] };
  const sink = {
    message: (identity: MessageIdentity, values: Float64Array, _schema: unknown, element: number) =>
      result.stored.push({ ...identity, values: [...values], element }),
    refused: (refusal: Refusal, element: number) => result.refused.push({ ...refusal, element }),
  };
  parseTelemetry(payload, schema, now, sink, encoding);
  return result;
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const cbor = (value: unknown): Buffer => Buffer.from(encode(value));
const senml = (...records: object[]) => parse(json(records), 'senml-json');
const NO = Number.NaN;

interface Message {
  readonly ts: number;
  readonly boot?: number;
  readonly seq?: number;
  readonly m: Record<string, number | boolean>;
}

const message: fc.Arbitrary<Message> = fc.record({
  ts: fc.integer({ min: now - 400 * 86_400_000, max: now }),
  m: fc
    .record(
      {
        pressure_bar: fc.double({ min: 0, max: 16, noNaN: true }).map((v) => v + 0),
        energy_kwh: fc.integer({ min: 0, max: 1e9 }),
        state: fc.integer({ min: 0, max: 7 }),
        door: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .filter((m) => Object.keys(m).length > 0),
});
const messages: fc.Arbitrary<Message[]> = fc
  .tuple(
    fc.uniqueArray(message, { minLength: 1, maxLength: 20, selector: ({ ts }) => ts }),
    fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
  )
  .map(([list, boot]) => list.map((one, seq) => (boot === undefined ? one : { ...one, boot, seq })));

const codes: Record<string, number> = { bn: -2, bt: -3, n: 0, u: 1, v: 2, vb: 4, t: 6 };
const numbered = (record: object) =>
  new Map(Object.entries(record).map(([key, value]) => [codes[key] ?? key, value] as const));

/** A pack of these messages, as a device would write it: the name of the device once, times relative to the first. */
function packOf(list: readonly Message[]): Record<string, unknown>[] {
  const bt = Math.floor((list[0]?.ts ?? 0) / 1_000);
  const records = list.flatMap(({ ts, boot, seq, m }) =>
    Object.entries(m).map(([n, value], i) => ({
      n,
      ...(typeof value === 'boolean' ? { vb: value } : { v: value }),
      t: (ts - bt * 1_000) / 1_000,
      ...(i === 0 && seq !== undefined && { boot_: boot, seq_: seq }),
    })),
  );
  return records.map((record, i) => (i === 0 ? { bn: 'urn:dev:mac:0024befffe804ff1:', bt, ...record } : record));
}

describe('a payload in another encoding', () => {
  it('says the same, whatever the encoding', () => {
    fc.assert(
      fc.property(messages, (list) => {
        const expected = parse(json(list), 'json').stored.map((one) => ({ ...one, element: -1 }));
        expect(expected).toHaveLength(list.length);
        const pack = packOf(list);
        const written: Record<Exclude<Encoding, 'json'>, Buffer> = {
          cbor: cbor(list),
          'senml-json': json(pack),
          'senml-cbor': cbor(pack.map(numbered)),
        };
        for (const [encoding, payload] of Object.entries(written))
          expect(parse(payload, encoding as Encoding)).toEqual({ stored: expected, refused: [] });
      }),
    );
  });

  it('is named by the last level of its topic', () => {
    expect(encodingOf('telemetry')).toBe('json');
    expect(encodings.slice(1).map((name) => encodingOf(`telemetry/${name}`))).toEqual(encodings.slice(1));
    for (const rest of ['telemetry/json', 'telemetry/xml', 'telemetry/', 'event', 'telemetry/cbor/x', ''])
      expect(encodingOf(rest)).toBeUndefined();
  });

  it('never throws, and whatever it is, each of its bytes is stored or set aside', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.anything({ withBigInt: false, withDate: false }).map((value) => {
        try {
          return encode(value);
        } catch {
          return new Uint8Array([0xff]);
        }
      }),
      fc.json().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, fc.constantFrom(...encodings), (payload, encoding) => {
        const { stored, refused } = parse(Buffer.from(payload), encoding);
        expect(stored.length + refused.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it.each(encodings)('in %s that is too large, or nests without end, is refused', (encoding) => {
    expect(parse(Buffer.alloc(MAX_PAYLOAD_BYTES + 1), encoding).refused).toMatchObject([{ reason: 'too_large' }]);
    const bomb = encoding.endsWith('json') ? '['.repeat(100_000) : Buffer.alloc(100_000, 0x81);
    expect(parse(Buffer.from(bomb), encoding).refused).toMatchObject(
      [{ reason: /^malformed_/ }].map(() => ({ element: -1 })),
    );
    expect(parse(Buffer.from(bomb), encoding).stored).toEqual([]);
  });
});

describe('CBOR', () => {
  const good = { ts: now, boot: 17, seq: 4_711, m: { pressure_bar: 7.1, state: 2, door: true } };
  const one = { ts: now, boot: 17, seq: 4_711, values: [7.1, NO, 2, 1], element: -1 };

  it('may give its time as tagged text or seconds', () => {
    const tagged = (bytes: number[]) => {
      const [before, after] = Buffer.from(cbor({ ...good, ts: 'TIME' }))
        .toString('latin1')
        .split('\x64TIME');
      return parse(Buffer.from(`${before}${Buffer.from(bytes).toString('latin1')}${after}`, 'latin1'), 'cbor');
    };
    const text = [...Buffer.from('2026-03-02T08:00:00Z')];
    expect(tagged([0xc0, 0x74, ...text]).stored).toEqual([one]);
    const seconds = Buffer.alloc(4);
    seconds.writeUInt32BE(now / 1_000);
    expect(tagged([0xc1, 0x1a, ...seconds]).stored).toEqual([one]);
    expect(tagged([0xc1, 0x64, ...Buffer.from('soon')]).refused).toMatchObject([{ reason: 'bad_time' }]);
  });

  it.each<[string, Buffer, string, string]>([
    ['bytes that are none', Buffer.from([0xff]), 'malformed_cbor', 'must be CBOR'],
    ['nothing', Buffer.alloc(0), 'malformed_cbor', 'must be CBOR'],
    ['a key twice', Buffer.from([0xa2, 0x61, 0x6d, 1, 0x61, 0x6d, 2]), 'malformed_cbor', 'must be CBOR'],
    ['a number as key', cbor(new Map([[1, 2]])), 'malformed_cbor', 'must be CBOR'],
    ['a whole number beyond 2^53', cbor({ ...good, seq: 2n ** 60n }), 'malformed_cbor', 'must be CBOR'],
    ['no object', cbor('x'), 'not_an_object', 'must be an object'],
    ['NaN', cbor({ ...good, m: { pressure_bar: NO } }), 'wrong_type', 'm.pressure_bar: must be a finite number'],
    [
      'bytes as a value',
      cbor({ ...good, m: { state: Buffer.from([1]) } }),
      'wrong_type',
      'm.state: must be a whole number',
    ],
    ['too many messages', cbor(Array(MAX_ARRAY + 1).fill(1)), 'too_many', `at most ${MAX_ARRAY}`],
    ['an empty array', cbor([]), 'not_an_object', 'holds no message'],
    [
      'a prototype',
      cbor(new Map<string, unknown>([...Object.entries(good), ['__proto__', {}]])),
      'forbidden_key',
      '__proto__',
    ],
  ])('with %s is refused', (_what, payload, reason, rule) => {
    expect(parse(payload, 'cbor')).toEqual({
      stored: [],
      refused: [expect.objectContaining({ reason, rule: expect.stringContaining(rule), element: -1 })],
    });
  });

  it('in an array: each message by itself, and a refusal says which it was; a flood of them is one kind', () => {
    const { stored, refused } = parse(
      cbor([good, { ...good, seq: 1, m: { state: 0.5 } }, { ...good, seq: 2 }]),
      'cbor',
    );
    expect(stored.map(({ seq }) => seq)).toEqual([4_711, 2]);
    expect(refused).toEqual([
      {
        reason: 'wrong_type',
        rule: 'message 2: m.state: must be a whole number (given: 0.5)',
        boot: 17,
        seq: 1,
        element: -1,
      },
    ]);
    expect(ruleKind(refused[0]?.rule ?? '')).toBe('m.state: must be a whole number');
  });
});

describe('SenML', () => {
  it('resolves names, times and values by their bases; relative times are relative to now', () => {
    expect(
      senml(
        { bn: 'urn:dev:ow:10e2073a0108006:', bt: now / 1_000 - 60, bu: 'bar', bv: 5, n: 'pressure_bar', v: 2.5 },
        { n: 'pressure_bar', t: 10, v: -1 },
        { n: 'pressure_bar', t: 20 },
        { bv: 0, n: 'state', u: '/', v: 3, t: 20 },
      ),
    ).toEqual({
      refused: [],
      stored: [
        { ts: now - 60_000, boot: 0, seq: now - 60_000, values: [7.5, NO, NO, NO], element: -1 },
        { ts: now - 50_000, boot: 0, seq: now - 50_000, values: [4, NO, NO, NO], element: -1 },
        { ts: now - 40_000, boot: 0, seq: now - 40_000, values: [5, NO, 3, NO], element: -1 },
      ],
    });
    expect(senml({ n: 'state', v: 1 }, { n: 'state', v: 2, t: -30.5 }).stored.map(({ ts }) => ts - now)).toEqual([
      0, -30_500,
    ]);
    expect(senml({ bn: 'site/pump-1/', n: 'door', vb: false }).stored[0]?.values).toEqual([NO, NO, NO, 0]);
  });

  it('names its messages by boot_ and seq_, also one that measured nothing', () => {
    const { stored } = senml(
      { bt: now / 1_000, boot_: 3, seq_: 8, n: 'state', v: 1 },
      { n: 'energy_kwh', u: 'kWh', v: 12.5 },
      { t: -1, seq_: 7 },
    );
    expect(stored.map(({ boot, seq, values }) => [boot, seq, values])).toEqual([
      [3, 8, [NO, 12.5, 1, NO]],
      [3, 7, [NO, NO, NO, NO]],
    ]);
    // A pack with a boot and a time without a number: no message is invented.
    expect(senml({ boot_: 3, n: 'state', v: 1 }).refused).toMatchObject([{ reason: 'bad_identity' }]);
  });

  it('may hold what RFC 8428 lets us pass over, and nothing that must be understood', () => {
    expect(senml({ bver: 10, n: 'state', v: 1, note: 'x', ut: 60, bs: 4 }).stored).toHaveLength(1);
    expect(senml({ n: 'state', v: 1, key_: 1 }).refused[0]?.rule).toBe(
      'record 1: "key_" must be understood (its name ends in "_") and is not',
    );
  });

  it.each<[string, object[], string, string]>([
    ['no record', [], 'malformed_senml', 'an array of one record or more'],
    [
      'a record that is no object',
      [{ n: 'state', v: 1 }, 5 as unknown as object],
      'malformed_senml',
      'record 2: a record must be an object',
    ],
    ['a later version', [{ bver: 11, n: 'state', v: 1 }], 'malformed_senml', 'bver: must be a number up to 10'],
    ['a time that is text', [{ n: 'state', v: 1, t: 'now' }], 'malformed_senml', 't: must be a number'],
    ['a base time that is text', [{ bt: 'now', n: 'state', v: 1 }], 'malformed_senml', 'bt: must be a number'],
    ['a base value that is text', [{ bv: '1', n: 'state' }], 'malformed_senml', 'bv: must be a number'],
    ['a name without value', [{ n: 'state' }], 'malformed_senml', 'must have v, vb, vs or vd'],
    ['a value without name', [{ v: 1 }], 'malformed_senml', 'bn and n: must together be a name'],
    ['a name with a blank', [{ n: 'a b', v: 1 }], 'malformed_senml', 'bn and n: must together be a name'],
    ['a name that is no text', [{ n: 5, v: 1 }], 'malformed_senml', 'n: must be text'],
    ['a unit that is no text', [{ n: 'state', u: 5, v: 1 }], 'malformed_senml', 'u: must be text'],
    ['a sum', [{ n: 'energy_kwh', s: 5 }], 'malformed_senml', 's: sums of values are not kept'],
    [
      'a metric twice',
      [
        { n: 'state', v: 1 },
        { n: 'x:state', v: 2 },
      ],
      'malformed_senml',
      'record 2: n: "state" stands twice',
    ],
    ['base values only', [{ bn: 'x:' }], 'malformed_senml', 'holds no value'],
    [
      'too many times',
      Array.from({ length: MAX_ARRAY + 1 }, (_, t) => ({ n: 'state', v: 1, t: -t })),
      'too_many',
      'at most 1000 times',
    ],
    ['text for a number', [{ n: 'state', vs: 'on' }], 'wrong_type', 'm.state: must be a whole number'],
    ['a metric that the schema does not have', [{ n: 'humidity', v: 1 }], 'unknown_metric', 'has no metric "humidity"'],
    [
      'a unit that the schema does not mean',
      [{ n: 'pressure_bar', u: 'Pa', v: 7 }],
      'wrong_unit',
      'u: pressure_bar is in bar (given: "Pa")',
    ],
    ['a prototype for a name', [{ n: 'a/__proto__', v: 1 }], 'forbidden_key', '__proto__'],
  ])('with %s is refused', (_what, pack, reason, rule) => {
    const { stored, refused } = parse(json(pack), 'senml-json');
    expect(stored).toEqual([]);
    expect(refused[0]?.rule).toContain(rule);
    expect(refused[0]?.reason).toBe(reason);
  });

  it('knows a unit by its name in the SenML registry and in UCUM', () => {
    const same = [
      ['Cel', 'Cel'],
      ['/', '1'],
      ['count', '1'],
      ['%RH', '%'],
      ['/100', '%'],
      ['kWh', 'kW.h'],
      ['l', 'L'],
      ['L', 'l'],
      ['l/s', 'L/s'],
      ['m3', 'm3'],
    ];
    for (const [senmlUnit = '', code = ''] of same)
      expect([senmlUnit, isSameUnit(senmlUnit, code)]).toEqual([senmlUnit, true]);
    for (const [senmlUnit, code] of [
      ['Pa', 'bar'],
      ['Wh', 'kW.h'],
      ['', '1'],
      ['lm', 'L'],
      ['ml', 'L'],
    ] as const)
      expect([senmlUnit, isSameUnit(senmlUnit, code)]).toEqual([senmlUnit, false]);
  });
});
