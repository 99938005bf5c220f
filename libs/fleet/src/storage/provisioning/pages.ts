import type { Connection } from '@throughline/platform';

export const mapped = <R, T>({ edges, ...rest }: Connection<R>, map: (row: R) => T): Connection<T> => ({
  ...rest,
  edges: edges.map(({ cursor, node }) => ({ cursor, node: map(node) })),
});
