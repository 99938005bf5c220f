import { Injectable } from '@nestjs/common';
import type { Interval } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';

/** [ms since the epoch, value] */
export type Point = readonly [number, number];

const iso = (ms: number): string => new Date(ms).toISOString();

/** Values of one metric: the `place`-th (from 1) of each message's vector. NaN means that a message did not carry it. */
const carried = `select (extract(epoch from ts) * 1000)::float8 as t, "values"[?::int] as v from message
  where asset_id = ? and ts >= ? and ts < ? and "values"[?::int] <> 'NaN'`;

/** One metric of one asset over time. */
@Injectable()
export class SeriesStore {
  async count(em: EntityManager, assetId: string, place: number, interval: Interval): Promise<number> {
    const [row] = await em.execute<{ n: string }[]>(
      `select count(*) as n from (${carried}) c`,
      bound(assetId, place, interval),
    );
    return Number(row?.n ?? 0);
  }

  async all(em: EntityManager, assetId: string, place: number, interval: Interval): Promise<Point[]> {
    const rows = await em.execute<{ t: number; v: number }[]>(`${carried} order by 1`, bound(assetId, place, interval));
    return rows.map(({ t, v }) => [t, v]);
  }

  /** The lowest and the highest point of each of `buckets` equal parts of the interval, in order of time. */
  async extremes(
    em: EntityManager,
    assetId: string,
    place: number,
    interval: Interval,
    buckets: number,
  ): Promise<Point[]> {
    // An array compares by its first element, then the second: the smallest [value, time] is the lowest point.
    const rows = await em.execute<{ low: [number, number]; high: [number, number] }[]>(
      `select min(array[v, t]) as low, max(array[v, t]) as high from (${carried}) c
       group by floor((t - ?) / ?) order by floor((t - ?) / ?)`,
      [...bound(assetId, place, interval), ...width(interval, buckets), ...width(interval, buckets)],
    );
    return rows.flatMap(({ low, high }): Point[] => {
      const points: Point[] = [
        [low[1], low[0]],
        [high[1], high[0]],
      ];
      if (low[1] === high[1]) return points.slice(0, 1);
      return points.sort((a, b) => a[0] - b[0]);
    });
  }

  /** Times after which nothing came for longer than `silenceMs`, at most `limit`. */
  async silences(
    em: EntityManager,
    assetId: string,
    place: number,
    interval: Interval,
    silenceMs: number,
    limit: number,
  ): Promise<number[]> {
    const rows = await em.execute<{ t: number }[]>(
      `select t from (select t, lead(t) over (order by t) as next from (${carried}) c) s where next - t > ? order by t limit ?`,
      [...bound(assetId, place, interval), silenceMs, limit],
    );
    return rows.map((row) => row.t);
  }
}

const bound = (assetId: string, place: number, { from, to }: Interval): unknown[] => [
  place,
  assetId,
  iso(from),
  iso(to),
  place,
];

const width = ({ from, to }: Interval, buckets: number): number[] => [from, (to - from) / buckets];
