import { SegmentedControl, Select, Skeleton } from '@mantine/core';
import { useState } from 'react';
import { useRead } from '../api/client.js';
import { type AssetDetail, assetSeriesQuery } from '../api/operations/assets.js';
import { Card } from '../frame/page.js';
import { Failed } from '../frame/states.js';
import { unitName } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { useMinute } from '../parts/now.js';
import { SeriesChart } from '../parts/series-chart.js';

const hourMs = 3_600_000;
const ranges = { '1h': hourMs, '6h': 6 * hourMs, '24h': 24 * hourMs, '7d': 168 * hourMs } as const;
type Range = keyof typeof ranges;
const maxPoints = 600;

type Metric = AssetDetail['model']['metrics'][number];

function Chart({
  asset,
  metrics,
  start,
  range,
  colour,
}: {
  asset: AssetDetail;
  metrics: readonly Metric[];
  start: string;
  range: Range;
  colour: string;
}) {
  const { text, formats } = useI18n();
  const t = text.machine;
  const [name, setName] = useState(start);
  const metric = metrics.find((m) => m.name === name);
  const length = ranges[range];
  // The window moves in steps, so that a chart is not redrawn every second.
  const step = Math.max(60_000, length / 360);
  const to = Math.floor(useMinute() / step) * step + step;
  const from = to - length;
  const read = useRead(
    assetSeriesQuery,
    { id: asset.id, metric: name, from: new Date(from).toISOString(), to: new Date(to).toISOString(), maxPoints },
    { keep: true, every: 30_000 },
  );
  const series = read.data?.asset?.series;
  const known = series?.points.some((point) => point.value !== null);
  return (
    <Card
      title={
        <>
          {metric?.title}{' '}
          <span className="dim">
            {[metric && unitName(metric.unit), t.lastRange(t.ranges[range] ?? range), series?.thinned && t.thinned]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </>
      }
      aside={
        <Select
          className="no-print"
          size="xs"
          w={170}
          aria-label={t.metric}
          value={name}
          onChange={(value) => value && setName(value)}
          data={metrics.map((m) => ({ value: m.name, label: m.title }))}
        />
      }
    >
      {!series ? (
        read.error ? (
          <Failed error={read.error} retry={read.refetch} small />
        ) : (
          <Skeleton height={200} />
        )
      ) : known ? (
        <SeriesChart
          title={metric?.title ?? name}
          unit={series.unit}
          points={series.points}
          from={from}
          to={to}
          zone={asset.site.timeZone}
          colour={colour}
        />
      ) : (
        <div className="state-box small" style={{ minHeight: 200, alignContent: 'center' }}>
          <p>{t.noData}</p>
        </div>
      )}
      <span className="sr-only">{formats.zone(asset.site.timeZone)}</span>
    </Card>
  );
}

/** Key measurements over time; the reader picks which and how far back. */
export function Charts({ asset }: { asset: AssetDetail }) {
  const { text } = useI18n();
  const t = text.machine;
  const [range, setRange] = useState<Range>('6h');
  const metrics = asset.model.metrics.filter((metric) => metric.kind === 'gauge' || metric.kind === 'counter');
  const gauges = metrics.filter((metric) => metric.kind === 'gauge');
  const [first, second] = gauges;
  if (!first) return null;
  return (
    <section aria-label={t.charts}>
      <div className="card-head no-print">
        <h2>{t.charts}</h2>
        <SegmentedControl
          size="xs"
          aria-label={t.range}
          value={range}
          onChange={(value) => setRange(value as Range)}
          data={Object.keys(ranges).map((value) => ({ value, label: t.ranges[value] ?? value }))}
        />
      </div>
      <div className="grid cols-2">
        <Chart asset={asset} metrics={metrics} start={first.name} range={range} colour="--brand" />
        {second && <Chart asset={asset} metrics={metrics} start={second.name} range={range} colour="--c-degraded" />}
      </div>
    </section>
  );
}
