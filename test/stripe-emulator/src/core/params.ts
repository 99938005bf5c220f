import { CURRENCIES } from './currencies.js';
import { invalid } from './errors.js';

/** Reads one parameter of a form-encoded request; throws Stripe's error for a value it refuses. */
export interface Field<T> {
  parse(raw: unknown, path: string): T;
}
type Out<F> = F extends Field<infer T> ? T : never;
type Fields = Record<string, Field<unknown>>;
type Read<R, O> = { [K in keyof R]: Out<R[K]> } & { [K in keyof O]?: Out<O[K]> };

const isPlainObject = (raw: unknown): raw is Record<string, unknown> =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw);
const child = (path: string, key: string) => (path ? `${path}[${key}]` : key);

const emptyString = (path: string) =>
  invalid(
    `You passed an empty string for '${path}'. We assume empty values are an attempt to unset a parameter; however '${path}' cannot be unset. You should remove '${path}' from your request or supply a non-empty value.`,
    path,
    'parameter_invalid_empty',
  );

const scalar = (raw: unknown, path: string): string => {
  if (typeof raw !== 'string') throw invalid('Invalid string: must be a string', path);
  if (raw === '') throw emptyString(path);
  return raw;
};

export const text = (max = 5000): Field<string> => ({
  parse(raw, path) {
    const value = scalar(raw, path);
    if (value.length > max) {
      throw invalid(`Invalid string: ${value.slice(0, 20)}...; must be at most ${max} characters`, path);
    }
    return value;
  },
});

export const int = (min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Field<number> => ({
  parse(raw, path) {
    const value = scalar(raw, path);
    const code = 'parameter_invalid_integer';
    if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(Number(value))) {
      throw invalid(`Invalid integer: ${value}`, path, code);
    }
    const number = Number(value);
    if (number < min) throw invalid(`This value must be greater than or equal to ${min}.`, path, code);
    if (number > max) throw invalid(`This value must be less than or equal to ${max}.`, path, code);
    return number;
  },
});

/** An amount in the currency's minor unit, at most twelve digits. */
export const amount = (min = -999_999_999_999): Field<number> => ({
  parse(raw, path) {
    const value = int(min).parse(raw, path);
    if (Math.abs(value) > 999_999_999_999) {
      throw invalid('Amount must be no more than 999,999,999,999', path, 'amount_too_large');
    }
    return value;
  },
});

/** Decimal text of at most twelve places, kept as text. */
export const decimal = (places = 12, negative = false): Field<string> => ({
  parse(raw, path) {
    const value = scalar(raw, path);
    if (!/^-?\d+(\.\d+)?$/.test(value)) throw invalid(`Invalid decimal: ${value}`, path);
    if ((value.split('.')[1] ?? '').length > places) {
      throw invalid(`Invalid decimal: ${value}; must contain at maximum ${places} decimal places.`, path);
    }
    if (!negative && value.startsWith('-')) throw invalid('Invalid decimal: must be non-negative', path);
    return value;
  },
});

export const bool = (): Field<boolean> => ({
  parse(raw, path) {
    const value = scalar(raw, path);
    if (value !== 'true' && value !== 'false') throw invalid(`Invalid boolean: ${value}`, path);
    return value === 'true';
  },
});

export const oneOf = <const T extends string>(...allowed: T[]): Field<T> => ({
  parse(raw, path) {
    const value = scalar(raw, path);
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    const name = path.match(/\[([^\]]+)\]$/)?.[1] ?? path;
    const names =
      allowed.length > 2 ? `${allowed.slice(0, -1).join(', ')}, or ${allowed.at(-1)}` : allowed.join(' or ');
    throw invalid(`Invalid ${name}: must be ${allowed.length > 1 ? 'one of ' : ''}${names}`, path);
  },
});

export const currency = (): Field<string> => ({
  parse(raw, path) {
    const value = scalar(raw, path).toLowerCase();
    if (CURRENCIES.has(value)) return value;
    throw invalid(
      `Invalid currency: ${value}. Stripe currently supports these currencies: ${[...CURRENCIES].join(', ')}`,
      path,
    );
  },
});

/** The empty string unsets the parameter and is read as null. */
export const emptyable = <T>(field: Field<T>): Field<T | null> => ({
  parse: (raw, path) => (raw === '' ? null : field.parse(raw, path)),
});

export const list = <T>(field: Field<T>, max = 250): Field<T[]> => ({
  parse(raw, path) {
    if (!Array.isArray(raw)) throw invalid('Invalid array', path);
    if (raw.length > max) throw invalid(`Array ${path} exceeded maximum ${max} allowed elements.`, path);
    return raw.map((one, i) => field.parse(one, child(path, String(i))));
  },
});

export const textMap = (): Field<Record<string, string>> => ({
  parse(raw, path) {
    if (!isPlainObject(raw)) throw invalid('Invalid object', path);
    return Object.fromEntries(
      Object.entries(raw).map(([key, value]) => {
        if (typeof value !== 'string') throw invalid('Invalid string: must be a string', child(path, key));
        return [key, value];
      }),
    );
  },
});

/** Keys of at most 40 characters, values of at most 500; an empty value removes its key, an empty map removes all. */
export const metadata = (): Field<Record<string, string> | null> => ({
  parse(raw, path) {
    if (raw === '') return null;
    const map = textMap().parse(raw, path);
    for (const [key, value] of Object.entries(map)) {
      if (key.length > 40) {
        throw invalid(
          `Metadata keys can have up to 40 characters, but you passed in one that is ${key.length} characters. Invalid key: ${key}`,
          path,
        );
      }
      if (value.length > 500) {
        throw invalid(
          `Metadata values can have up to 500 characters, but you passed in a value that is ${value.length} characters. Invalid value: ${value}`,
          child(path, key),
        );
      }
    }
    if (Object.keys(map).length > 50) throw invalid('You can only have up to 50 metadata keys', path);
    return map;
  },
});

export const shape = <R extends Fields, O extends Fields>(required: R, optional: O): Field<Read<R, O>> => ({
  parse(raw, path) {
    if (!isPlainObject(raw)) throw invalid('Invalid object', path);
    const unknown = Object.keys(raw).filter((key) => !(key in required) && !(key in optional));
    if (unknown.length > 0) {
      const names = unknown.map((key) => child(path, key));
      const label = names.length > 1 ? 'parameters' : 'parameter';
      throw invalid(`Received unknown ${label}: ${names.join(', ')}`, names[0], 'parameter_unknown');
    }
    const out: Record<string, unknown> = {};
    for (const [key, field] of Object.entries({ ...required, ...optional })) {
      const at = child(path, key);
      if (raw[key] !== undefined) out[key] = field.parse(raw[key], at);
      else if (key in required) throw invalid(`Missing required param: ${at}.`, at, 'parameter_missing');
    }
    return out as Read<R, O>;
  },
});

type KeysOf<T> = T extends unknown ? keyof T : never;

/** A request's parameters; their names are held to the `stripe` package's parameter type `P`. */
export const params =
  <P>() =>
  <R extends Partial<Record<KeysOf<P>, Field<unknown>>>, O extends Partial<Record<KeysOf<P>, Field<unknown>>>>(
    required: R & Record<Exclude<keyof R, KeysOf<P>>, never>,
    optional: O & Record<Exclude<keyof O, KeysOf<P>>, never>,
  ): Field<Read<R, O>> =>
    shape(required as unknown as Fields, optional as unknown as Fields) as unknown as Field<Read<R, O>>;

export const nothing = params<Record<string, never>>()({}, {});

export interface Range {
  gt?: number;
  gte?: number;
  lt?: number;
  lte?: number;
}

/** A time in seconds, or bounds of it. */
export const range = (): Field<Range> => ({
  parse(raw, path) {
    if (typeof raw === 'string') {
      const at = int().parse(raw, path);
      return { gte: at, lte: at };
    }
    return shape({}, { gt: int(), gte: int(), lt: int(), lte: int() }).parse(raw, path);
  },
});

export const within = (value: number, bounds: Range | undefined): boolean =>
  bounds === undefined ||
  ((bounds.gt === undefined || value > bounds.gt) &&
    (bounds.gte === undefined || value >= bounds.gte) &&
    (bounds.lt === undefined || value < bounds.lt) &&
    (bounds.lte === undefined || value <= bounds.lte));

/** Parameters of every list. */
export const paging = { limit: int(1, 100), starting_after: text(), ending_before: text() };

export const mergeMetadata = (
  old: Record<string, string> | null,
  change: Record<string, string> | null | undefined,
): Record<string, string> => {
  if (change === undefined) return old ?? {};
  if (change === null) return {};
  return Object.fromEntries(Object.entries({ ...old, ...change }).filter(([, value]) => value !== ''));
};
