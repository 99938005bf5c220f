import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type Connection, request } from '../../api/client.js';
import { memberTargetsQuery, type Target, targetsQuery } from '../../api/operations/fleet.js';
import { ApiError } from '../../api/post.js';

/** Which devices something is to be done with. */
export type BulkOf =
  | { readonly kind: 'marked'; readonly devices: readonly Target[] }
  | { readonly kind: 'query'; readonly query: string }
  | { readonly kind: 'group'; readonly groupId: string };

/** More are not taken at once. */
export const bulkLimit = 5000;

type Page = Omit<Connection<Target>, 'totalCount'>;

async function pageOf(of: Exclude<BulkOf, { kind: 'marked' }>, after: string | null, signal: AbortSignal) {
  if (of.kind === 'query') {
    const { searchDevices } = await request(targetsQuery, { first: 100, after, query: of.query }, signal);
    return searchDevices as Page;
  }
  const { deviceGroup } = await request(memberTargetsQuery, { first: 100, after, groupId: of.groupId }, signal);
  if (!deviceGroup) throw new ApiError('NOT_FOUND', 'The group is gone.');
  return deviceGroup.members as Page;
}

/** Every device meant, at most `bulkLimit`, as it is at this moment: what is shown is what it is done with. */
export function useTargets(of: BulkOf): UseQueryResult<readonly Target[], ApiError> {
  return useQuery<readonly Target[], ApiError>({
    queryKey: ['BulkTargets', of],
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    queryFn: async ({ signal }) => {
      if (of.kind === 'marked') return of.devices;
      const found: Target[] = [];
      let after: string | null = null;
      do {
        const page: Page = await pageOf(of, after, signal);
        found.push(...page.edges.map((edge) => edge.node));
        after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      } while (after !== null && found.length < bulkLimit);
      return found;
    },
  });
}
