import { useMemo } from 'react';
import { usePages } from '../api/client.js';
import { useLiveFeed, useLiveReader } from '../api/live.js';
import {
  type AssetRow,
  assetGuaranteesQuery,
  assetStripsQuery,
  assetsQuery,
  type GuaranteeFigure,
} from '../api/operations/assets.js';
import { accruedQuery } from '../api/operations/finance.js';
import { useMinute } from '../parts/now.js';
import type { StripInterval } from '../parts/strip.js';

const dayMs = 86_400_000;
const quarterMs = 900_000;
const pageSize = { machines: 100, guarantees: 50, strips: 25 };
/** On the strip of one day an interval shorter than this is not wider than a pixel. */
const stripMinMs = 60_000;
const refreshMs = { machines: 60_000, guarantees: 120_000 };

export interface AssetFilter {
  readonly search?: string;
  readonly customerId?: string;
  readonly siteId?: string;
}

/** The machines one may see, with live state; pages arrive one after the other. */
export function useAssets(filter: AssetFilter) {
  useLiveFeed();
  const read = usePages(assetsQuery, { first: pageSize.machines, filter }, (r) => r.assets, {
    all: true,
    keep: true,
    every: refreshMs.machines,
  });
  return read;
}

/** The running month's guarantee by machine id; machines without one are missing. */
export function useGuarantees(filter: AssetFilter) {
  const read = usePages(assetGuaranteesQuery, { first: pageSize.guarantees, filter }, (r) => r.assets, {
    all: true,
    keep: true,
    every: refreshMs.guarantees,
  });
  const byId = useMemo(() => {
    const map = new Map<string, GuaranteeFigure | null>();
    for (const { id, guarantee } of read.nodes) map.set(id, guarantee);
    return map;
  }, [read.nodes]);
  return { ...read, byId };
}

/** The last 24 hours of every machine by its id. */
export function useStrips(filter: AssetFilter) {
  // A new quarter of an hour asks anew, so that the request can be kept; the page shows the last 24 hours of it.
  const now = useMinute();
  const quarter = Math.ceil(now / quarterMs) * quarterMs;
  const read = usePages(
    assetStripsQuery,
    {
      first: pageSize.strips,
      filter,
      from: new Date(quarter - dayMs - quarterMs).toISOString(),
      to: new Date(quarter).toISOString(),
      minMs: stripMinMs,
    },
    (r) => r.assets,
    { all: true, keep: true, every: refreshMs.guarantees },
  );
  const byId = useMemo(() => {
    const map = new Map<string, readonly StripInterval[]>();
    for (const { id, timeline } of read.nodes) map.set(id, timeline);
    return map;
  }, [read.nodes]);
  return { ...read, byId, from: now - dayMs, to: now };
}

export interface Counts {
  readonly available: number;
  readonly down: number;
  readonly silent: number;
  readonly stopped: number;
}

/** How many machines are in which condition at this moment. */
export function useCounts(assets: readonly AssetRow[]): Counts {
  const newest = useLiveReader();
  const counts = { available: 0, down: 0, silent: 0, stopped: 0 };
  for (const asset of assets) {
    const { category } = newest(asset.live);
    if (category === 'producing' || category === 'ready' || category === 'degraded') counts.available += 1;
    else if (category === 'vendor_down') counts.down += 1;
    else if (category === 'unknown') counts.silent += 1;
    else counts.stopped += 1;
  }
  return counts;
}

/** What each contract one sees has earned in the running month. */
export function useAccrued(enabled: boolean) {
  return usePages(accruedQuery, { first: 20 }, (r) => r.contracts, { all: true, enabled, every: 120_000 });
}
