import { Button } from '@mantine/core';
import { useState } from 'react';
import { useRead } from '../api/client.js';
import { assetTimelineQuery, assetUsageQuery } from '../api/operations/assets.js';
import type { Category } from '../api/operations/live.js';
import { Card } from '../frame/page.js';
import { Lines, Loaded } from '../frame/states.js';
import { useI18n } from '../i18n/i18n.js';
import { instantOf, localDay, monthOf, monthSpan } from '../i18n/zoned.js';
import { useMinute } from '../parts/now.js';

const shownAtFirst = 6;
/** The server gives 5,000 intervals at most, and two for each of these shares of the time; shorter ones are put together. */
const shares = 2400;
/** Shorter stops are noise of the day's list; the strip still shows them. */
const worthTellingMs = 60_000;

interface Entry {
  readonly key: string;
  readonly at: string;
  readonly ms: number;
  readonly title: string;
  readonly category?: Category;
  readonly detail: string;
}

/** What was not ordinary: today, or in a past month the longest interruptions. */
export function Happened({ assetId, month, zone }: { assetId: string; month: string; zone: string }) {
  const { text, formats } = useI18n();
  const t = text.machine;
  const minute = useMinute();
  const [all, setAll] = useState(false);
  const running = month === monthOf(minute, zone);
  const today = localDay(minute, zone);
  const span = running
    ? {
        from: instantOf(zone, today.year, today.month, today.day),
        to: instantOf(zone, today.year, today.month, today.day + 1),
      }
    : monthSpan(month, zone);
  const iso = { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() };
  const timeline = useRead(
    assetTimelineQuery,
    { id: assetId, ...iso, minMs: Math.ceil((span.to - span.from) / shares) },
    { keep: true, every: 60_000 },
  );
  const more = useRead(assetUsageQuery, {
    id: assetId,
    from: new Date(monthSpan(month, zone).from).toISOString(),
    to: new Date(monthSpan(month, zone).to).toISOString(),
  });

  const at = (instant: string) => (running ? formats.time(instant, zone) : formats.dayShort(instant, zone));
  const intervals = (timeline.data?.asset?.timeline ?? [])
    .filter(({ category }) => category !== 'producing' && category !== 'ready' && category !== 'not_contracted')
    .filter(({ from, to }) => Date.parse(to) - Date.parse(from) >= worthTellingMs)
    .map<Entry>((interval) => {
      const length = formats.duration(Date.parse(interval.to) - Date.parse(interval.from));
      const fraction = interval.fraction ? ` ${formats.percent(Math.round(Number(interval.fraction) * 100))}` : '';
      return {
        key: interval.from,
        at: interval.from,
        ms: Date.parse(interval.to) - Date.parse(interval.from),
        category: interval.category,
        title: `${text.category[interval.category]}${fraction}, ${length}`,
        detail: [
          interval.detail,
          interval.evidence.messages > 0 ? t.evidenceMessages(interval.evidence.messages) : t.evidenceNone,
        ]
          .filter(Boolean)
          .join(' · '),
      };
    });
  const events = (more.data?.asset?.events ?? [])
    .filter((event) => event.at >= iso.from && event.at < iso.to)
    .map<Entry>((event) => ({
      key: event.id,
      at: event.at,
      ms: 0,
      title: [t.event[event.type] ?? event.type, event.code].filter(Boolean).join(' '),
      detail: '',
    }));
  const newestFirst = (a: Entry, b: Entry) => b.at.localeCompare(a.at);
  const entries = [...intervals, ...events].sort(newestFirst);
  const first = running ? entries : [...entries].sort((a, b) => b.ms - a.ms);
  const shown = all ? entries : first.slice(0, shownAtFirst).sort(newestFirst);
  return (
    <Card title={running ? t.happenedToday : t.happened(formats.monthYear(span.from, zone))}>
      <Loaded read={timeline} skeleton={<Lines count={5} />} small>
        {() =>
          entries.length === 0 ? (
            <p className="dim">{t.nothing}</p>
          ) : (
            <>
              <ol className="log">
                {shown.map((entry) => (
                  <li key={entry.key}>
                    <time className="at" dateTime={entry.at}>
                      {at(entry.at)}
                    </time>
                    <i
                      className={`dot${entry.category ? ` cat-${entry.category}` : ''}`}
                      style={{ background: entry.category ? `var(--c-${entry.category})` : 'var(--border-strong)' }}
                    />
                    <span>{entry.title}</span>
                    {entry.detail && <small>{entry.detail}</small>}
                  </li>
                ))}
              </ol>
              {entries.length > shown.length && (
                <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
                  {t.showAll(entries.length)}
                </Button>
              )}
            </>
          )
        }
      </Loaded>
    </Card>
  );
}
