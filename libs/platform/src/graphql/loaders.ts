import DataLoader from 'dataloader';
import type { GraphqlContext } from './context.js';

const MAX_BATCH = 500;

const loaders = new WeakMap<GraphqlContext, Map<string, DataLoader<unknown, unknown>>>();

/**
 * The DataLoader of that key in this request. A request has one scope, so what is loaded for one caller is never handed to
 * another. `batch` gets at most 500 keys and gives one value (or Error) for each, in order.
 */
export function loader<K, V>(
  context: GraphqlContext,
  key: string,
  batch: (keys: readonly K[]) => Promise<readonly (V | Error)[]>,
): DataLoader<K, V> {
  const ofContext = loaders.get(context) ?? new Map<string, DataLoader<unknown, unknown>>();
  loaders.set(context, ofContext);
  let found = ofContext.get(key) as DataLoader<K, V> | undefined;
  if (!found) {
    found = new DataLoader<K, V>(batch, { maxBatchSize: MAX_BATCH });
    ofContext.set(key, found as DataLoader<unknown, unknown>);
  }
  return found;
}

/** Forgets what was loaded: a subscription's context outlives the rows it saw. */
export const forgetLoaded = (context: GraphqlContext): void => void loaders.delete(context);

/** Orders rows by the keys they were asked with: `undefined` rows become whatever `make` gives. */
export function inOrder<K, R, V>(
  keys: readonly K[],
  rows: readonly R[],
  keyOf: (row: R) => K,
  make: (row: R | undefined, key: K) => V,
): V[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => make(byKey.get(key), key));
}

/** Groups rows by the keys they were asked with: a key without rows gets an empty list. */
export function grouped<K, R>(keys: readonly K[], rows: readonly R[], keyOf: (row: R) => K): R[][] {
  const groups = new Map<K, R[]>(keys.map((key) => [key, []]));
  for (const row of rows) groups.get(keyOf(row))?.push(row);
  return keys.map((key) => groups.get(key) ?? []);
}
