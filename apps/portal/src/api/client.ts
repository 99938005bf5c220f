import {
  type InfiniteData,
  keepPreviousData,
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { TadaDocumentNode } from 'gql.tada';
import { useEffect, useMemo } from 'react';
import { nameOf, sourceOf } from './graphql.js';
import { ApiError, post } from './post.js';
import { accessToken } from './session.js';

/** One operation as the signed-in user; an ended access token is renewed once and silently. */
export async function request<R, V>(
  document: TadaDocumentNode<R, V, unknown>,
  variables: V,
  signal?: AbortSignal,
): Promise<R> {
  const source = sourceOf(document);
  const token = await accessToken();
  try {
    return await post<R>(source, variables, { token, signal });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'UNAUTHENTICATED') throw error;
    return post<R>(source, variables, { token: await accessToken(token), signal });
  }
}

const retryable = new Set(['NETWORK', 'UNAVAILABLE', 'TIMED_OUT']);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 20_000,
      gcTime: 10 * 60_000,
      retry: (failures, error) => failures < 2 && error instanceof ApiError && retryable.has(error.code),
      // Paused queries would never fail; a lost connection is found by trying.
      networkMode: 'always',
      refetchOnWindowFocus: true,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

export interface ReadOptions {
  readonly enabled?: boolean;
  /** Refetch this often, ms. */
  readonly every?: number;
  /** Keep showing the former variables' result while the next one loads. */
  readonly keep?: boolean;
}

export function useRead<R, V>(document: TadaDocumentNode<R, V, unknown>, variables: V, options: ReadOptions = {}) {
  return useQuery<R, ApiError>({
    queryKey: [nameOf(document), variables],
    queryFn: ({ signal }) => request(document, variables, signal),
    enabled: options.enabled ?? true,
    ...(options.every ? { refetchInterval: options.every } : {}),
    ...(options.keep ? { placeholderData: keepPreviousData } : {}),
  });
}

export interface Connection<N> {
  readonly edges: readonly { readonly node: N }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount: number;
}

export interface PagedOptions extends ReadOptions {
  /** Load page after page without being asked, up to `limit` rows. */
  readonly all?: boolean;
}

/** Most rows one list loads into the page; beyond it the reader is asked to filter. */
export const listLimit = 5000;

/** A list over Relay pages. `nodes` grows as pages arrive, `total` is the server's count. */
export function usePages<R, V extends { after?: string | null | undefined }, N>(
  document: TadaDocumentNode<R, V, unknown>,
  variables: Omit<V, 'after'>,
  pick: (result: R) => Connection<N>,
  options: PagedOptions = {},
) {
  const query = useInfiniteQuery<R, ApiError, InfiniteData<R>, unknown[], string | null>({
    queryKey: [nameOf(document), 'pages', variables],
    queryFn: ({ pageParam, signal }) => request(document, { ...variables, after: pageParam } as unknown as V, signal),
    initialPageParam: null,
    getNextPageParam: (last) => {
      const { hasNextPage, endCursor } = pick(last).pageInfo;
      return hasNextPage ? endCursor : undefined;
    },
    enabled: options.enabled ?? true,
    ...(options.every ? { refetchInterval: options.every } : {}),
    ...(options.keep ? { placeholderData: keepPreviousData } : {}),
  });
  const pages = query.data?.pages;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `pick` is a pure accessor written inline; a new one gives the same nodes.
  const nodes = useMemo(() => (pages ?? []).flatMap((page) => pick(page).edges.map((edge) => edge.node)), [pages]);
  const last = pages?.at(-1);
  const total = last ? pick(last).totalCount : undefined;
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isError } = query;
  const more = Boolean(options.all) && hasNextPage && !isFetchingNextPage && !isError && nodes.length < listLimit;
  useEffect(() => {
    if (more) void fetchNextPage();
  }, [more, fetchNextPage]);
  return { ...query, nodes, total, complete: Boolean(pages) && !hasNextPage };
}

/** A mutation after which the named reads are fetched anew (all reads when none are named). */
export function useWrite<R, V>(document: TadaDocumentNode<R, V, unknown>, refreshes?: readonly string[]) {
  const client = useQueryClient();
  return useMutation<R, ApiError, V>({
    mutationFn: (variables) => request(document, variables),
    onSuccess: () =>
      refreshes
        ? Promise.all(refreshes.map((name) => client.invalidateQueries({ queryKey: [name] })))
        : client.invalidateQueries(),
  });
}
