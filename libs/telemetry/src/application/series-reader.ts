import { Injectable } from '@nestjs/common';
import { type Interval, interval, invalid } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import type { MetricDefinition } from '../domain/metric.js';
import { SchemaStore } from '../storage/schema.store.js';
import { type Point, SeriesStore } from '../storage/series.store.js';

const MAX_POINTS = 5_000;
const MAX_DAYS = 800;

export interface Series {
  readonly metric: MetricDefinition;
  /** In order of time; a null value says that nothing came for longer than the model allows. */
  readonly points: readonly (readonly [at: number, value: number | null])[];
  readonly thinned: boolean;
}

/** Series of one metric for charts. */
@Injectable()
export class SeriesReader {
  constructor(
    private readonly schemas: SchemaStore,
    private readonly store: SeriesStore,
  ) {}

  /**
   * Values with event time in [from, to). More than `maxPoints` are thinned to the lowest and the highest of equal parts
   * of the period, so that no peak is lost. Errors: INVALID_INPUT for an unknown metric, a period of more than 800 days or
   * `maxPoints` outside 2 to 5,000.
   */
  async read(
    em: EntityManager,
    asset: { readonly id: string; readonly modelId: string },
    staleAfterMs: number,
    metric: string,
    period: Interval,
    maxPoints: number,
  ): Promise<Series> {
    check(period, maxPoints);
    const metrics = (await this.schemas.newest(em, asset.modelId))?.metrics ?? [];
    const place = metrics.findIndex((m) => m.name === metric) + 1;
    const definition = metrics[place - 1];
    if (!definition) {
      const rule = `must be one of ${metrics.map((m) => m.name).join(', ')}`;
      throw invalid({ field: 'metric', value: metric, rule });
    }
    const thinned = (await this.store.count(em, asset.id, place, period)) > maxPoints;
    const points = thinned
      ? await this.store.extremes(em, asset.id, place, period, Math.max(1, Math.floor(maxPoints / 2)))
      : await this.store.all(em, asset.id, place, period);
    const silences = await this.store.silences(em, asset.id, place, period, staleAfterMs, maxPoints);
    return { metric: definition, points: withGaps(points, silences), thinned };
  }
}

function check(period: Interval, maxPoints: number): void {
  interval(period.from, period.to, 'to');
  if (period.to - period.from > MAX_DAYS * 86_400_000)
    throw invalid({ field: 'to', value: new Date(period.to), rule: `must be at most ${MAX_DAYS} days after "from"` });
  if (!Number.isInteger(maxPoints) || maxPoints < 2 || maxPoints > MAX_POINTS)
    throw invalid({ field: 'maxPoints', value: maxPoints, rule: `must be a whole number from 2 to ${MAX_POINTS}` });
}

/** A null a millisecond after the last value before each silence. */
function withGaps(points: readonly Point[], silences: readonly number[]): [number, number | null][] {
  const all: [number, number | null][] = points.map(([t, v]) => [t, v]);
  for (const t of silences) all.push([t + 1, null]);
  return all.sort((a, b) => a[0] - b[0]);
}
