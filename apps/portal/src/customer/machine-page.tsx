import { ActionIcon, Skeleton } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { Link, useParams } from 'react-router';
import { useRead } from '../api/client.js';
import { useLive, useLiveFeed } from '../api/live.js';
import { type AssetDetail, assetQuery } from '../api/operations/assets.js';
import { AssetRuns } from '../fleet/diagnostics/asset-runs.js';
import { Card, PageHead } from '../frame/page.js';
import { Loaded, NotFound, PageSkeleton } from '../frame/states.js';
import { useConsole } from '../frame/viewer.js';
import { unitName } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { monthKey, monthOf, monthSpan, parseMonth } from '../i18n/zoned.js';
import { StatePill, usePillText } from '../parts/category.js';
import { useAddress } from '../parts/data-table.js';
import { useMinute } from '../parts/now.js';
import { AvailabilityColumn } from './availability-column.js';
import { DataCard } from './data-card.js';
import { Happened } from './happened.js';
import { Timeline } from './timeline.js';
import { UsageCard } from './usage-card.js';

const Charts = lazy(async () => ({ default: (await import('./charts.js')).Charts }));

function NowValues({ asset }: { asset: AssetDetail }) {
  const { text, formats } = useI18n();
  const live = useLive(asset.live);
  const shown = asset.model.metrics.filter((metric) => metric.kind === 'gauge' || metric.kind === 'counter');
  const values = new Map(live.values.map((value) => [value.metric, value]));
  const known = shown.filter((metric) => typeof values.get(metric.name)?.value === 'number');
  if (known.length === 0) return null;
  return (
    <Card
      title={text.machine.now}
      aside={
        live.at && (
          <span className="dim num">{`${formats.timeSeconds(live.at, asset.site.timeZone)} ${formats.zone(asset.site.timeZone)}`}</span>
        )
      }
    >
      <dl className="now-values" style={{ margin: 0 }}>
        {known.map((metric) => (
          <div key={metric.name}>
            <dt>{metric.title}</dt>
            <dd>
              {formats.decimal(values.get(metric.name)?.value ?? 0, metric.kind === 'counter' ? 0 : 1)}{' '}
              <span className="dim" style={{ fontSize: 14, fontWeight: 500 }}>
                {unitName(metric.unit)}
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function MonthPicker({ month, zone, onPick }: { month: string; zone: string; onPick: (month: string) => void }) {
  const { text, formats } = useI18n();
  const { year, month: number } = parseMonth(month);
  const current = monthOf(Date.now(), zone);
  return (
    <div className="page-actions" style={{ alignItems: 'center', gap: 4 }}>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={text.machine.previous}
        onClick={() => onPick(monthKey(year, number - 1))}
      >
        <IconChevronLeft size={18} />
      </ActionIcon>
      <span style={{ minWidth: 130, textAlign: 'center' }}>{formats.monthYear(monthSpan(month, zone).from, zone)}</span>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={text.machine.next}
        disabled={month >= current}
        onClick={() => onPick(monthKey(year, number + 1))}
      >
        <IconChevronRight size={18} />
      </ActionIcon>
    </div>
  );
}

function Machine({ asset }: { asset: AssetDetail }) {
  const { text, formats } = useI18n();
  const t = text.machine;
  useLiveFeed();
  const live = useLive(asset.live);
  const pill = usePillText();
  const minute = useMinute();
  const console = useConsole();
  const zone = asset.site.timeZone;
  const [address, setMonth] = useAddress('month');
  const current = monthOf(minute, zone);
  const month = /^\d{4}-\d{2}$/.test(address) && address <= current ? address : current;
  const since =
    live.since && live.category !== 'vendor_down' ? formats.duration(minute + 60_000 - Date.parse(live.since)) : null;
  const label =
    live.category === 'vendor_down' && live.since
      ? t.forTime(
          text.category.vendor_down.split(',')[0] ?? '',
          formats.duration(minute + 60_000 - Date.parse(live.since)),
        )
      : since
        ? t.forTime(pill(live), since)
        : pill(live);
  return (
    <>
      <PageHead
        tab={asset.name}
        title={
          <>
            {asset.name}
            <StatePill live={live} big label={label} />
          </>
        }
        lead={
          <>
            {[
              asset.model.title,
              asset.location,
              asset.site.name,
              asset.serialNumber,
              t.inService(formats.date(asset.inServiceSince, zone)),
            ]
              .filter(Boolean)
              .join(' · ')}
            {asset.device && console === 'fleet' && (
              <>
                {' · '}
                <Link to={`/fleet/devices/${asset.device.id}`}>{asset.device.thingName}</Link>
              </>
            )}
            {console !== 'customer' && ` · ${asset.customer.name}`}
          </>
        }
        actions={<MonthPicker month={month} zone={zone} onPick={(next) => setMonth(next === current ? '' : next)} />}
      />
      <div className="stack">
        <Timeline key={month} assetId={asset.id} month={month} zone={zone} />
        <div className="grid cols-21">
          <div className="stack">
            <Happened assetId={asset.id} month={month} zone={zone} />
            <NowValues asset={asset} />
            <UsageCard assetId={asset.id} month={month} zone={zone} />
            <DataCard assetId={asset.id} month={month} zone={zone} />
          </div>
          <AvailabilityColumn assetId={asset.id} month={month} zone={zone} />
        </div>
        <AssetRuns assetId={asset.id} zone={zone} />
        <Suspense fallback={<Skeleton height={300} radius={10} />}>
          <Charts asset={asset} />
        </Suspense>
      </div>
    </>
  );
}

export function MachinePage() {
  const { id = '' } = useParams();
  const read = useRead(assetQuery, { id }, { every: 60_000 });
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() => (read.data?.asset ? <Machine key={id} asset={read.data.asset} /> : <NotFound page />)}
    </Loaded>
  );
}
