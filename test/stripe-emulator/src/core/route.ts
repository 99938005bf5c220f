import type { Field } from './params.js';
import type { World } from './world.js';

export interface PathArgs {
  id: string;
  /** The second id of a nested path. */
  sub: string;
}

/** A call that is checked and can be executed: parameters are read before, so that a refused one leaves no trace. */
export type Prepared = () => unknown;

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** Path with `:id` and `:sub`. */
  path: string;
  prepare(world: World, raw: Record<string, unknown>, args: PathArgs): Prepared;
}

/** One endpoint: its parameters and what it does. The answer may be a row, a list or a plain object of the API. */
export const route = <P>(
  method: Route['method'],
  path: string,
  params: Field<P>,
  run: (world: World, params: P, args: PathArgs) => unknown,
): Route => ({
  method,
  path,
  prepare(world, raw, args) {
    const parsed = params.parse(raw, '');
    return () => run(world, parsed, args);
  },
});
