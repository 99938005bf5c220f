import { Skeleton } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useRead } from '../api/client.js';
import { assetTimelineQuery, type Interval } from '../api/operations/assets.js';
import { Failed } from '../frame/states.js';
import { useI18n } from '../i18n/i18n.js';
import { instantOf, localDay, monthOf, monthSpan, parseMonth } from '../i18n/zoned.js';
import { Legend, Swatch } from '../parts/category.js';
import { useMinute } from '../parts/now.js';
import { Strip } from '../parts/strip.js';

const hourMs = 3_600_000;
const hoursShown = 3;

/** What the big strip shows: the month, one day of it, or some hours of the day (from the hour given). */
interface Zoom {
  readonly day?: number;
  readonly hour?: number;
}

function spanOf(month: string, zone: string, zoom: Zoom): { from: number; to: number } {
  const { year, month: number } = parseMonth(month);
  if (zoom.day === undefined) return monthSpan(month, zone);
  if (zoom.hour === undefined)
    return { from: instantOf(zone, year, number, zoom.day), to: instantOf(zone, year, number, zoom.day + 1) };
  const from = instantOf(zone, year, number, zoom.day, zoom.hour);
  return { from, to: from + hoursShown * hourMs };
}

/** Intervals that would not be wider than a pixel or so are merged by the server. */
const minMsOf = (length: number) => Math.round(length / 1000);

function useIntervals(assetId: string, span: { from: number; to: number }, minute: number) {
  const to = Math.min(span.to, Math.ceil(minute / 300_000) * 300_000 + 300_000);
  const read = useRead(
    assetTimelineQuery,
    {
      id: assetId,
      from: new Date(span.from).toISOString(),
      to: new Date(Math.max(to, span.from + 1)).toISOString(),
      minMs: minMsOf(span.to - span.from),
    },
    { keep: true, every: 60_000 },
  );
  return { ...read, intervals: read.data?.asset?.timeline ?? [] };
}

interface Tick {
  readonly at: number;
  readonly label: string;
  readonly zoom?: Zoom;
}

function IntervalDetails({ interval, zone }: { interval: Interval; zone: string }) {
  const { text, formats } = useI18n();
  const t = text.machine;
  const { evidence } = interval;
  const fraction = interval.fraction ? ` ${formats.percent(Math.round(Number(interval.fraction) * 100))}` : '';
  const message = (ref: Interval['evidence']['first']) =>
    ref && (
      <>
        <span className="mono">{t.messageRef(ref.boot, ref.seq)}</span>
        <span className="cell-sub">{`${formats.timeSeconds(ref.at, zone)} · ${ref.thingName}`}</span>
      </>
    );
  return (
    <dl className="interval" aria-live="polite">
      <div>
        <dt className="sr-only">{text.machines.state}</dt>
        <dd className="strong" style={{ display: 'flex', alignItems: 'center', gap: 6 }}>
          <Swatch category={interval.category} />
          {text.category[interval.category]}
          {fraction}
        </dd>
        <dd className="dim num">
          {`${formats.dayTime(interval.from, zone)} – ${formats.time(interval.to, zone)} ${formats.zone(zone, interval.from)}`}
        </dd>
      </div>
      <div>
        <dt>{t.duration}</dt>
        <dd>{formats.duration(Date.parse(interval.to) - Date.parse(interval.from))}</dd>
      </div>
      <div>
        <dt>{t.source}</dt>
        <dd>
          {t.sources[interval.source] ?? interval.source}
          {interval.detail && <span className="cell-sub">{interval.detail}</span>}
        </dd>
      </div>
      <div>
        <dt>{t.evidence}</dt>
        <dd>{evidence.messages > 0 ? t.evidenceMessages(evidence.messages) : t.evidenceNone}</dd>
      </div>
      {evidence.first && (
        <div>
          <dt>{t.first}</dt>
          <dd>{message(evidence.first)}</dd>
        </div>
      )}
      {evidence.last && (
        <div>
          <dt>{t.last}</dt>
          <dd>{message(evidence.last)}</dd>
        </div>
      )}
    </dl>
  );
}

/** The signature of the portal: the state of a machine from a month down to minutes, each interval with its evidence. */
export function Timeline({ assetId, month, zone }: { assetId: string; month: string; zone: string }) {
  const { text, formats } = useI18n();
  const t = text.machine;
  const minute = useMinute();
  const running = month === monthOf(minute, zone);
  const [zoom, setZoom] = useState<Zoom>(() => (running ? { day: localDay(minute, zone).day } : {}));
  const [selectedFrom, setSelectedFrom] = useState<string | null>(null);
  const { year, month: number } = parseMonth(month);
  const span = useMemo(() => spanOf(month, zone, zoom), [month, zone, zoom]);
  const parent = useMemo(
    () => (zoom.day === undefined ? null : spanOf(month, zone, zoom.hour === undefined ? {} : { day: zoom.day })),
    [month, zone, zoom],
  );
  const shown = useIntervals(assetId, span, minute);
  const above = useIntervals(assetId, parent ?? span, minute);
  const selected = shown.intervals.find((interval) => interval.from === selectedFrom);
  const select = (next: Zoom) => {
    setZoom(next);
    setSelectedFrom(null);
  };

  const ticks = useMemo<Tick[]>(() => {
    if (zoom.day === undefined) {
      const days = localDay(span.to - hourMs * 2, zone).day;
      return Array.from({ length: days }, (_, i) => i + 1)
        .filter((day) => day === 1 || day % 3 === 1)
        .map((day) => ({ at: instantOf(zone, year, number, day), label: String(day), zoom: { day } }));
    }
    if (zoom.hour === undefined) {
      const day = zoom.day;
      return [0, 3, 6, 9, 12, 15, 18, 21]
        .map((hour) => ({
          at: instantOf(zone, year, number, day, hour),
          label: `${String(hour).padStart(2, '0')}:00`,
          zoom: { day, hour },
        }))
        .concat({ at: span.to, label: '24:00', zoom: { day, hour: 21 } });
    }
    return Array.from({ length: hoursShown * 2 + 1 }, (_, i) => span.from + (i * hourMs) / 2).map((at) => ({
      at,
      label: formats.time(at, zone),
    }));
  }, [zoom, span, zone, year, number, formats]);

  const open = (interval: Interval) => {
    const { day, hour } = localDay((Date.parse(interval.from) + Date.parse(interval.to)) / 2, zone);
    if (zoom.day === undefined) select({ day });
    else if (zoom.hour === undefined) select({ day: zoom.day, hour: Math.min(21, Math.max(0, hour - 1)) });
  };

  const monthName = formats.month(spanOf(month, zone, {}).from, zone);
  const dayName = zoom.day === undefined ? '' : formats.day(instantOf(zone, year, number, zoom.day, 12), zone);
  const hours = zoom.hour === undefined ? '' : `${formats.time(span.from, zone)} – ${formats.time(span.to, zone)}`;
  const crumbs = [
    { label: monthName, zoom: {} },
    ...(zoom.day === undefined ? [] : [{ label: dayName, zoom: { day: zoom.day } }]),
    ...(zoom.hour === undefined ? [] : [{ label: hours, zoom }]),
  ];
  const present = [...new Set(shown.intervals.map((interval) => interval.category))];

  return (
    <section className="card" aria-label={t.timeline}>
      <div className="card-head">
        <h2>
          {t.timeline}{' '}
          <span className="crumbs">
            {crumbs.map((crumb, index) => (
              <span key={crumb.label}>
                {index > 0 && <span className="dim"> ▸ </span>}
                {index < crumbs.length - 1 ? (
                  <button type="button" onClick={() => select(crumb.zoom)} aria-label={t.zoomTo(crumb.label)}>
                    {crumb.label}
                  </button>
                ) : (
                  <span aria-current="true">{crumb.label}</span>
                )}
              </span>
            ))}
          </span>
        </h2>
        <span className="dim">{`${zone} (${formats.zone(zone, span.from)})`}</span>
      </div>
      {parent && (
        <div className="timeline-over">
          <Strip
            intervals={above.intervals}
            from={parent.from}
            to={parent.to}
            zone={zone}
            height={14}
            label={t.overviewLabel}
          />
          <div
            className="timeline-window"
            style={{
              left: `${(100 * (span.from - parent.from)) / (parent.to - parent.from)}%`,
              width: `${(100 * (span.to - span.from)) / (parent.to - parent.from)}%`,
            }}
          />
        </div>
      )}
      {shown.data === undefined && shown.error ? (
        <Failed error={shown.error} retry={shown.refetch} small />
      ) : shown.data === undefined ? (
        <Skeleton height={44} />
      ) : (
        <Strip
          intervals={shown.intervals}
          from={span.from}
          to={span.to}
          zone={zone}
          height={44}
          label={t.stripLabel(formats.dayTime(span.from, zone), formats.dayTime(span.to, zone))}
          onSelect={(interval) => setSelectedFrom(interval.from)}
          onOpen={open}
          selected={selected}
        />
      )}
      <div className="ticks">
        {ticks.map((tick, index) => {
          const style = { left: `${(100 * (tick.at - span.from)) / (span.to - span.from)}%` };
          const place = index === 0 ? 'start' : tick.at >= span.to ? 'end' : '';
          const { zoom: next } = tick;
          return next && !(zoom.day !== undefined && tick.at >= span.to) ? (
            <button
              key={tick.at}
              type="button"
              className={`tick ${place}`}
              style={style}
              disabled={tick.at > minute}
              aria-label={t.zoomTo(
                zoom.day === undefined
                  ? formats.day(tick.at + 12 * hourMs, zone)
                  : `${formats.time(tick.at, zone)} – ${formats.time(tick.at + hoursShown * hourMs, zone)}`,
              )}
              onClick={() => select(next)}
            >
              {tick.label}
            </button>
          ) : (
            <span key={tick.at} className={`tick ${place}`} style={style}>
              {tick.label}
            </span>
          );
        })}
      </div>
      {selected ? (
        <IntervalDetails interval={selected} zone={zone} />
      ) : (
        <p className="dim no-print" style={{ margin: '6px 0 0' }}>
          {t.pick}
        </p>
      )}
      <Legend also={present} />
    </section>
  );
}
