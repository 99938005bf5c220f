import fc from 'fast-check';
import { deltaOf } from './delta.js';
import { equal, isObject, type Json, type JsonObject } from './json.js';
import { mergeSection, type ShadowSection, stamped } from './merge.js';

const T = 1_700_000_000;
const parse = (text: string) => JSON.parse(text) as JsonObject;
const after = (...patches: (JsonObject | null)[]) =>
  patches.reduce<ShadowSection | undefined>((section, patch, i) => mergeSection(section, patch, T + i), undefined);

describe('merging a patch', () => {
  it('writes key by key, deletes with null, and times each leaf', () => {
    expect(after({ mode: 'eco', led: { r: 1, g: 2 } }, { led: { g: 9, r: null }, fan: false })).toEqual({
      state: { mode: 'eco', led: { g: 9 }, fan: false },
      metadata: { mode: { timestamp: T }, led: { g: { timestamp: T + 1 } }, fan: { timestamp: T + 1 } },
    });
  });

  it('replaces arrays whole, with a time for each element', () => {
    expect(after({ list: [1, 2, 3] }, { list: [4, { a: [true] }] })).toEqual({
      state: { list: [4, { a: [true] }] },
      metadata: { list: [{ timestamp: T + 1 }, { a: [{ timestamp: T + 1 }] }] },
    });
  });

  it('lets a key change between value, array and object', () => {
    expect(after({ a: 1, b: { c: 1 }, d: [1] }, { a: { x: 1 }, b: [2], d: 'text' })).toEqual({
      state: { a: { x: 1 }, b: [2], d: 'text' },
      metadata: { a: { x: { timestamp: T + 1 } }, b: [{ timestamp: T + 1 }], d: { timestamp: T + 1 } },
    });
  });

  it('does not keep objects with nothing in them, and with them the section', () => {
    expect(after({ a: {}, b: { c: { d: null } } })).toBeUndefined();
    expect(after({ a: { b: { c: 1 } }, x: 1 }, { a: { b: { c: null } } })?.state).toEqual({ x: 1 });
    expect(after({ a: { b: { c: 1 } } }, { a: { b: { c: null } } })).toBeUndefined();
    expect(after({ a: 1 }, null)).toBeUndefined();
    expect(after({ a: 5 }, { a: { b: null } })).toBeUndefined();
    expect(after({ a: { b: 1 } }, { a: {} })?.state).toEqual({ a: { b: 1 } });
    expect(after({ list: [] })?.state).toEqual({ list: [] });
  });

  it('takes keys named like parts of the language as any other', () => {
    const hostile = parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":2}},"toString":3}');
    const section = after(hostile, parse('{"__proto__":{"more":4}}'));
    expect(JSON.parse(JSON.stringify(section?.state))).toEqual(
      parse('{"__proto__":{"polluted":1,"more":4},"constructor":{"prototype":{"x":2}},"toString":3}'),
    );
    expect(Object.getPrototypeOf(section?.state)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(JSON.stringify(deltaOf(section, after({ a: 1 }))?.state)).toBe(JSON.stringify(section?.state));
    expect(deltaOf(section, section)).toBeUndefined();
    expect(after(hostile, parse('{"__proto__":null,"constructor":null,"toString":null}'))).toBeUndefined();
  });
});

const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.constantFrom('x', ''), fc.array(fc.integer(), { maxLength: 3 }));
const objectOf = (value: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> =>
  fc
    .uniqueArray(fc.tuple(key, value), { selector: ([k]) => k, maxLength: 4 })
    .map((pairs) => Object.fromEntries(pairs));
const { patch } = fc.letrec<{ node: Json; patch: JsonObject }>((tie) => ({
  node: fc.oneof({ maxDepth: 3 }, leaf, fc.constant(null), tie('patch')),
  patch: objectOf(tie('node')),
}));

/** What a document is by the last write to each path, with no tree at all. */
class Paths {
  readonly leaves = new Map<string, { value: Json; timestamp: number }>();

  write(value: JsonObject, timestamp: number, at = ''): void {
    for (const [name, child] of Object.entries(value)) {
      const path = `${at}/${name}`;
      if (isObject(child)) {
        this.leaves.delete(path);
        this.write(child, timestamp, path);
        continue;
      }
      for (const known of this.leaves.keys())
        if (known === path || known.startsWith(`${path}/`)) this.leaves.delete(known);
      if (child !== null) this.leaves.set(path, { value: child, timestamp });
    }
  }

  static of(section: ShadowSection | undefined): Paths {
    const paths = new Paths();
    const walk = (state: JsonObject, metadata: Json, at: string): void => {
      for (const [name, child] of Object.entries(state)) {
        const times = (metadata as JsonObject)[name] as Json;
        if (isObject(child)) walk(child, times, `${at}/${name}`);
        else paths.leaves.set(`${at}/${name}`, { value: child, timestamp: firstTime(times) });
      }
    };
    if (section) walk(section.state, section.metadata, '');
    return paths;
  }
}

/** Of a leaf; an empty array has none to show. */
const firstTime = (times: Json): number => {
  if (Array.isArray(times)) return times.length === 0 ? -1 : firstTime(times[0] as Json);
  return (times as { timestamp: number }).timestamp;
};
const shown = ({ leaves }: Paths) =>
  [...leaves].map(([path, { value, timestamp }]) => [path, value, equal(value, []) ? -1 : timestamp]).sort();

describe('any sequence of patches', () => {
  it('leaves the last write of each path, with its time', () => {
    fc.assert(
      fc.property(fc.array(patch, { maxLength: 8 }), (patches) => {
        const expected = new Paths();
        patches.forEach((each, i) => {
          expected.write(each, T + i);
        });
        expect(shown(Paths.of(after(...patches)))).toEqual(shown(expected));
      }),
    );
  });

  it('that agree on what is an object gives the same as one patch merged from them', () => {
    const deep = objectOf(fc.oneof(leaf, fc.constant(null)));
    const shaped = fc.record({ a: deep, b: deep, c: fc.oneof(leaf, fc.constant(null)) }, { requiredKeys: [] });
    const composed = (first: JsonObject, second: JsonObject): JsonObject =>
      Object.fromEntries([
        ...Object.entries(first),
        ...Object.entries(second).map(([name, value]): [string, Json] => {
          const before = Object.hasOwn(first, name) ? first[name] : undefined;
          return [name, isObject(value) && isObject(before) ? composed(before, value) : value];
        }),
      ]);
    fc.assert(
      fc.property(patch, shaped, shaped, (start, p, q) => {
        const [first, second] = [p as JsonObject, q as JsonObject];
        expect(after(start, first, second)?.state).toEqual(after(start, composed(first, second))?.state);
      }),
    );
  });

  it('keeps metadata in the shape of the state, and no empty object', () => {
    const blank = (value: Json): Json =>
      isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([name, child]) => [name, blank(child)]))
        : Array.isArray(value)
          ? value.map((item: Json) => blank(item))
          : null;
    const times = (value: Json): Json =>
      isObject(value) && typeof value.timestamp === 'number'
        ? null
        : isObject(value)
          ? Object.fromEntries(Object.entries(value).map(([name, child]) => [name, times(child)]))
          : Array.isArray(value)
            ? value.map((item: Json) => times(item))
            : value;
    const hollow = (value: Json): boolean =>
      isObject(value) && (Object.keys(value).length === 0 || Object.values(value).some(hollow));
    fc.assert(
      fc.property(fc.array(patch, { minLength: 1, maxLength: 6 }), (patches) => {
        const section = after(...patches);
        if (section) expect(times(section.metadata)).toEqual(blank(section.state));
        expect(section === undefined || !hollow(section.state)).toBe(true);
      }),
    );
  });
});

/** Whether everything desired is reported so; written without the code under test. */
const covers = (reported: Json | undefined, desired: Json): boolean =>
  isObject(desired)
    ? isObject(reported) &&
      Object.entries(desired).every(([name, value]) => Object.hasOwn(reported, name) && covers(reported[name], value))
    : reported !== undefined && JSON.stringify(reported) === JSON.stringify(desired);

describe('the delta', () => {
  it('is the differing part of desired, with the times of those values', () => {
    const desired = after({ mode: 'eco', led: { r: 1, g: 2 }, list: [1, 2] }, { led: { g: 9 } });
    expect(deltaOf(desired, after({ mode: 'eco', led: { r: 1 }, list: [1], extra: true }))).toEqual({
      state: { led: { g: 9 }, list: [1, 2] },
      metadata: { led: { g: { timestamp: T + 1 } }, list: [{ timestamp: T }, { timestamp: T }] },
    });
    expect(deltaOf(desired, undefined)).toEqual(desired);
    expect(deltaOf(undefined, desired)).toBeUndefined();
    expect(deltaOf(after(parse('{"n":1.0}')), after(parse('{"n":1}')))).toBeUndefined();
    expect(deltaOf(after({ a: { b: 1 } }), after({ a: 1 }))?.state).toEqual({ a: { b: 1 } });
    expect(deltaOf(after({ a: 1 }), after({ a: { b: 1 } }))?.state).toEqual({ a: 1 });
    expect(deltaOf(after({ a: [{ x: 1, y: 2 }] }), after({ a: [{ y: 2, x: 1 }] }))).toBeUndefined();
  });

  it('is empty exactly when what is reported covers what is desired', () => {
    fc.assert(
      fc.property(fc.array(patch, { maxLength: 4 }), fc.array(patch, { maxLength: 4 }), (d, r) => {
        const [desired, reported] = [after(...d), after(...r)];
        const covered = desired === undefined || covers(reported?.state, desired.state);
        expect(deltaOf(desired, reported) === undefined).toBe(covered);
      }),
    );
  });

  it('once reported, is gone', () => {
    fc.assert(
      fc.property(fc.array(patch, { maxLength: 4 }), fc.array(patch, { maxLength: 4 }), (d, r) => {
        const [desired, reported] = [after(...d), after(...r)];
        const delta = deltaOf(desired, reported);
        if (delta) expect(deltaOf(desired, mergeSection(reported, delta.state, T))).toBeUndefined();
        expect(delta === undefined || covers(desired?.state, delta.state)).toBe(true);
      }),
    );
  });
});

describe('times of what was written', () => {
  it('are one for each leaf, also for a null', () => {
    expect(stamped({ desired: { a: null, b: [1, 'x'] }, reported: null }, T)).toEqual({
      desired: { a: { timestamp: T }, b: [{ timestamp: T }, { timestamp: T }] },
      reported: { timestamp: T },
    });
  });
});
