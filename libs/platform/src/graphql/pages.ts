import type { Type } from '@nestjs/common';
import { ArgsType, Field, Int, ObjectType, TypeMetadataStorage } from '@nestjs/graphql';
import { DomainError, invalid } from '@throughline/kernel';
import { type CursorKey, decodeCursor, encodeCursor } from './cursor.js';

export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 50;

/** `first` and `after` of a list. Extend it to add a list's own arguments. */
@ArgsType()
export class PageInput {
  @Field(() => Int, { nullable: true, defaultValue: DEFAULT_PAGE })
  first?: number | null;

  @Field(() => String, { nullable: true })
  after?: string | null;
}

/** A page that was asked for, checked. */
export interface PageRequest {
  /** 1 to 100 */
  readonly first: number;
  readonly after: string | undefined;
}

/** Checks `first` (1 to 100, 50 when not given) and takes `after` as it is; the list decodes it. */
export function pageArgs(first?: number | null, after?: string | null): PageRequest {
  const size = first ?? DEFAULT_PAGE;
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE)
    throw invalid({ field: 'first', value: size, rule: `must be a whole number from 1 to ${MAX_PAGE}` });
  return { first: size, after: after ?? undefined };
}

@ObjectType()
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => Boolean)
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true })
  startCursor!: string | null;

  @Field(() => String, { nullable: true })
  endCursor!: string | null;
}

export interface Connection<T> {
  readonly edges: { cursor: string; node: T }[];
  readonly pageInfo: PageInfo;
  readonly totalCount: number;
}

type NodeClass<T> = new (...args: never[]) => T;

const made = new Map<unknown, new () => Connection<unknown>>();

/**
 * The Relay connection class of a node type: `Paginated(Asset)` is `AssetConnection` of `AssetEdge`. Asking twice gives the
 * same class. The name is the node's GraphQL name.
 */
export function Paginated<T>(node: NodeClass<T>): new () => Connection<T> {
  const known = made.get(node);
  if (known) return known as new () => Connection<T>;
  const name = TypeMetadataStorage.getObjectTypeMetadataByTarget(node as Type)?.name;
  if (!name) throw new DomainError('INTERNAL', `${node.name} is no @ObjectType`);

  @ObjectType(`${name}Edge`)
  class Edge {
    @Field(() => String)
    cursor!: string;

    @Field(() => node)
    node!: T;
  }

  @ObjectType(`${name}Connection`)
  class PagedConnection {
    @Field(() => [Edge])
    edges!: Edge[];

    @Field(() => PageInfo)
    pageInfo!: PageInfo;

    @Field(() => Int)
    totalCount!: number;
  }
  made.set(node, PagedConnection);
  return PagedConnection;
}

/**
 * Builds a connection from one row more than asked for (how one knows that there is a next page).
 * `rows`: at most `page.first + 1`, in the list's order, after the cursor. `list` names the list in its cursors.
 */
export function connectionOf<R, T>(
  list: string,
  rows: readonly R[],
  page: PageRequest,
  totalCount: number,
  keyOf: (row: R) => CursorKey,
  nodeOf: (row: R) => T,
): Connection<T> {
  const edges = rows.slice(0, page.first).map((row) => ({ cursor: encodeCursor(list, keyOf(row)), node: nodeOf(row) }));
  return {
    edges,
    totalCount,
    pageInfo: {
      hasNextPage: rows.length > page.first,
      hasPreviousPage: page.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** A connection over a short list that is whole in memory, in its order. */
export function connectionOfAll<T>(
  list: string,
  all: readonly T[],
  page: PageRequest,
  idOf: (item: T) => string,
): Connection<T> {
  const afterId = page.after === undefined ? undefined : decodeCursor(list, page.after, ['string'])[0];
  const start = afterId === undefined ? 0 : all.findIndex((item) => idOf(item) === afterId) + 1;
  if (afterId !== undefined && start === 0)
    throw invalid({ field: 'after', value: page.after, rule: 'must be a cursor that this list gave' });
  const rows = all.slice(start, start + page.first + 1);
  return connectionOf(
    list,
    rows,
    page,
    all.length,
    (item) => [idOf(item)],
    (item) => item,
  );
}
