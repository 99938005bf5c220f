import { request } from '../../api/client.js';
import { type DeviceTarget, type Target, type TargetPreview, targetsQuery } from '../../api/operations/fleet.js';

type Part = TargetPreview['parts'][number];

/** How many devices of a target are so. */
export const howMany = ({ parts }: TargetPreview, so: (part: Part) => boolean): number =>
  parts.filter(so).reduce((all, { count }) => all + count, 0);

/** Thing names of one query: it holds 64 conditions. */
const namesAQuery = 50;

function queriesOf({ things, group, query }: DeviceTarget): string[] {
  const names = (things ?? []).map((name) => `thingName:"${name}"`);
  const found: string[] = [];
  for (let i = 0; i < names.length; i += namesAQuery) found.push(names.slice(i, i + namesAQuery).join(' OR '));
  if (group != null) found.push(`group:"${group}"`);
  if (query != null) found.push(query);
  return found;
}

/** Each device of a target, once, for what the server does with one at a time. Errors: `ApiError`. */
export async function devicesOf(target: DeviceTarget): Promise<Target[]> {
  const found = new Map<string, Target>();
  for (const query of queriesOf(target)) {
    let after: string | null = null;
    do {
      const { searchDevices }: { searchDevices: TargetPage } = await request(targetsQuery, {
        first: 100,
        after,
        query,
      });
      for (const { node } of searchDevices.edges) found.set(node.id, node);
      after = searchDevices.pageInfo.hasNextPage ? searchDevices.pageInfo.endCursor : null;
    } while (after !== null);
  }
  return [...found.values()];
}

interface TargetPage {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly edges: readonly { readonly node: Target }[];
}
