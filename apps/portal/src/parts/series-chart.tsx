import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import { unitName } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';

interface SeriesChartProps {
  readonly title: string;
  readonly unit: string;
  readonly points: readonly { readonly at: string; readonly value: number | null }[];
  readonly from: number;
  readonly to: number;
  readonly zone: string;
  /** CSS colour variable of the line. */
  readonly colour?: string;
}

const chartHeight = 200;

/** A metric over time. Gaps are gaps: where nothing was reported, nothing is drawn. */
export function SeriesChart({ title, unit, points, from, to, zone, colour = '--brand' }: SeriesChartProps) {
  const { formats, text } = useI18n();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const [tip, setTip] = useState<string | null>(null);
  const scheme = useComputedColorScheme('light');
  const data = useMemo<uPlot.AlignedData>(
    () => [points.map((p) => Date.parse(p.at) / 1000), points.map((p) => p.value)],
    [points],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: the chart is made anew when colours, zone or range change; data goes in below.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const css = getComputedStyle(document.documentElement);
    const line = css.getPropertyValue(colour).trim();
    const axis = {
      stroke: css.getPropertyValue('--dim').trim(),
      grid: { stroke: css.getPropertyValue('--border').trim(), width: 1 },
      ticks: { show: false },
      font: '12px "Inter Variable", sans-serif',
    };
    const long = to - from > 36 * 3_600_000;
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: chartHeight,
        padding: [8, 20, 0, 0],
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
        legend: { show: false },
        cursor: { y: false, points: { size: 7 } },
        scales: { x: { time: true, range: [from / 1000, to / 1000] } },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 30,
            space: 64,
            values: (_, splits) =>
              splits.map((s) => (long ? formats.dayShort(s * 1000, zone) : formats.time(s * 1000, zone))),
          },
          { ...axis, size: 52, space: 36, values: (_, splits) => splits.map((v) => formats.decimal(v)) },
        ],
        series: [{}, { stroke: line, width: 1.6, fill: `${line}20`, points: { show: false }, spanGaps: false }],
        hooks: {
          setCursor: [
            (u) => {
              const index = u.cursor.idx;
              const value = index === null || index === undefined ? null : u.data[1]?.[index];
              const at = index === null || index === undefined ? undefined : u.data[0][index];
              setTip(
                value === null || value === undefined || at === undefined
                  ? null
                  : `${formats.dayTime(at * 1000, zone)} · ${formats.decimal(value, 2)} ${unitName(unit)}`,
              );
            },
          ],
        },
      },
      data,
      element,
    );
    chart.current = plot;
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: chartHeight }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
      chart.current = null;
    };
  }, [scheme, zone, from, to, unit, colour, formats]);

  useEffect(() => {
    chart.current?.setData(data);
  }, [data]);

  const values = points.flatMap((p) => (p.value === null ? [] : [p.value]));
  const say = (value: number | undefined) =>
    value === undefined ? '–' : `${formats.decimal(value, 2)} ${unitName(unit)}`;
  const label = text.machine.chartLabel(
    title,
    say(values.length ? values.reduce((a, b) => Math.min(a, b)) : undefined),
    say(values.length ? values.reduce((a, b) => Math.max(a, b)) : undefined),
    say(values.at(-1)),
  );
  return (
    <div className="chart" role="img" aria-label={label}>
      <div ref={box} />
      {tip && <span className="chart-tip">{tip}</span>}
    </div>
  );
}
