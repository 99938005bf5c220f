import type { LiveState } from '../../application/live-states.js';
import { categories, type MessageRef, type TimelineInterval } from '../../domain/category.js';
import type { AvailabilityFigure } from '../../domain/definition.js';
import type { AssetLiveType, AvailabilityType, MessageRefType, TimelineIntervalType } from './types.js';

const toRef = (ref: MessageRef | undefined): MessageRefType | null =>
  ref ? { deviceId: ref.deviceId, boot: ref.boot, seq: ref.seq, at: new Date(ref.ts) } : null;

export const toTimelineInterval = (i: TimelineInterval): TimelineIntervalType => ({
  from: new Date(i.from),
  to: new Date(i.to),
  category: i.category,
  fraction: i.fraction ?? null,
  source: i.source,
  detail: i.detail,
  evidence: { messages: i.evidence.messages, first: toRef(i.evidence.first), last: toRef(i.evidence.last) },
});

/** Categories strongest first; those without time are left out. */
export const toAvailability = ({ byCategory, ...figure }: AvailabilityFigure): AvailabilityType => ({
  ...figure,
  byCategory: categories.flatMap((category) => {
    const ms = byCategory[category];
    return ms ? [{ category, ms }] : [];
  }),
});

export const toAssetLive = ({
  assetId,
  category,
  state,
  fraction,
  since,
  latest,
  connected,
}: LiveState): AssetLiveType => ({
  assetId,
  category,
  state: state ?? null,
  fraction: fraction ?? null,
  since: since === undefined ? null : new Date(since),
  at: latest ? new Date(latest.ts) : null,
  connected,
  values: [...(latest?.values.entries() ?? [])].map(([{ name, unit }, value]) => ({ metric: name, value, unit })),
});
