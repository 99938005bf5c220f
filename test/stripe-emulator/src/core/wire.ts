import type Stripe from 'stripe';

type Plain = string | number | boolean | null | undefined;

/**
 * A type of the `stripe` package as it travels: decimals are strings, and whatever may be an id or an expanded object is
 * the id (objects are put in its place by `expand`, after the handler).
 */
export type Wire<T> = [Extract<T, string>] extends [never] ? Each<T> : Extract<T, Plain>;

type Each<T> = T extends Stripe.Decimal
  ? string
  : T extends Plain
    ? T
    : T extends ReadonlyArray<infer U>
      ? Array<Wire<U>>
      : T extends object
        ? { [K in keyof T]: Wire<T[K]> }
        : T;

/** Anything the server answers with. */
export type WireObject = { object: string } & Record<string, unknown>;

export interface WireList {
  object: 'list';
  data: unknown[];
  has_more: boolean;
  url: string;
  total_count?: number;
}
