import { Skeleton } from '@mantine/core';
import { useMemo } from 'react';
import { useLiveReader } from '../api/live.js';
import type { AssetRow, GuaranteeFigure } from '../api/operations/assets.js';
import { Card, PageHead } from '../frame/page.js';
import { Empty, Loaded, Partly } from '../frame/states.js';
import { maySeeMoney, useViewer } from '../frame/viewer.js';
import { browserZone } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { Legend } from '../parts/category.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { Strip, type StripInterval, useStripSummary } from '../parts/strip.js';
import { AvailabilityCard } from './availability-card.js';
import { BillCard } from './bill-card.js';
import { type Counts, useAssets, useCounts, useGuarantees, useStrips } from './fleet-figures.js';
import { LivePill, MachineName, Met, MonthFigure } from './machine-cells.js';
import { NeedsCard } from './needs-card.js';
import { NowCard } from './now-card.js';
import { OverviewSkeleton } from './overview-skeleton.js';

/** Not filtered. */
const everything = {};

function useHeadline() {
  const t = useI18n().text.overview;
  return (counts: Counts, figures: readonly GuaranteeFigure[]) => {
    const below = figures.filter((figure) => figure.met === false).length;
    if (below > 0) return t.below(below);
    if (counts.down > 0) return t.down(counts.down);
    if (counts.silent > 0) return t.silent(counts.silent);
    return figures.length > 0 ? t.fine : t.running;
  };
}

interface Row extends AssetRow {
  readonly figure: GuaranteeFigure | null | undefined;
  readonly strip: readonly StripInterval[] | undefined;
}

export function OverviewPage() {
  const { text, formats } = useI18n();
  const t = text.overview;
  const viewer = useViewer();
  const assets = useAssets(everything);
  const guarantees = useGuarantees(everything);
  const strips = useStrips(everything);
  const counts = useCounts(assets.nodes);
  const newest = useLiveReader();
  const headline = useHeadline();
  const summary = useStripSummary();
  const figures = useMemo(() => [...guarantees.byId.values()].filter((figure) => figure !== null), [guarantees.byId]);
  const zone = assets.nodes[0]?.site.timeZone ?? browserZone;
  const rows = useMemo<Row[]>(
    () =>
      assets.nodes.map((asset) => ({
        ...asset,
        figure: guarantees.byId.get(asset.id),
        strip: strips.byId.get(asset.id),
      })),
    [assets.nodes, guarantees.byId, strips.byId],
  );
  const { from, to } = strips;
  const columns = useMemo<Column<Row>[]>(
    () => [
      { key: 'name', title: t.machine, sort: (r) => r.name, render: (r) => <MachineName asset={r} />, width: '190px' },
      {
        key: 'state',
        title: t.stateNow,
        sort: (r) => r.live.category,
        render: (r) => <LivePill live={r.live} />,
        width: '150px',
      },
      {
        key: 'strip',
        title: t.from(formats.time(from, zone)),
        csv: false,
        wide: true,
        render: (r) => (
          <div style={{ minWidth: 220 }}>
            {r.strip ? (
              <Strip
                intervals={r.strip}
                from={from}
                to={to}
                zone={r.site.timeZone}
                height={20}
                label={summary(r.name, r.strip)}
              />
            ) : (
              <Skeleton height={20} />
            )}
          </div>
        ),
      },
      {
        key: 'month',
        title: t.thisMonth,
        end: true,
        width: '110px',
        sort: (r) => (r.figure?.availability.percent ? Number(r.figure.availability.percent) : null),
        render: (r) =>
          r.figure === undefined && !guarantees.complete && !guarantees.error ? (
            <Skeleton height={16} width={60} ml="auto" />
          ) : (
            <MonthFigure figure={r.figure} />
          ),
      },
      {
        key: 'met',
        title: t.guarantee,
        end: true,
        width: '90px',
        sort: (r) => (r.figure ? (r.figure.met ? 1 : 0) : null),
        csv: (r) => (r.figure ? (r.figure.met ? t.met : t.isBelow) : ''),
        render: (r) => <Met figure={r.figure} />,
      },
      {
        key: 'left',
        title: t.left,
        end: true,
        width: '130px',
        sort: (r) => r.figure?.leftMs ?? null,
        csv: (r) => (typeof r.figure?.leftMs === 'number' ? formats.duration(r.figure.leftMs) : ''),
        render: (r) =>
          typeof r.figure?.leftMs === 'number' ? formats.duration(r.figure.leftMs) : <span className="dim">–</span>,
      },
    ],
    [t, formats, from, to, zone, summary, guarantees.complete, guarantees.error],
  );

  return (
    <Loaded read={assets} skeleton={<OverviewSkeleton />}>
      {() => {
        if (assets.nodes.length === 0)
          return (
            <>
              <PageHead title={t.none} tab={t.title} lead={viewer.organisation.name} />
              <Card>
                <Empty title={t.none} hint={t.noneHint} />
              </Card>
            </>
          );
        const sites = new Set(assets.nodes.map((asset) => asset.site.id)).size;
        const customers = new Set(assets.nodes.map((asset) => asset.customer.id)).size;
        const total = assets.total ?? assets.nodes.length;
        // As far as the slowest of the machines that report; silent ones are told of on their own.
        const complete = assets.nodes
          .map((asset) => newest(asset.live))
          .flatMap(({ at, category }) => (at && category !== 'unknown' ? [at] : []))
          .sort()[0];
        return (
          <>
            <PageHead
              title={
                guarantees.complete || guarantees.error ? (
                  headline(counts, figures)
                ) : (
                  <Skeleton height={28} width={380} />
                )
              }
              tab={t.title}
              lead={[
                viewer.organisation.name,
                customers > 1 && t.customers(customers),
                t.sites(sites),
                t.machines(total),
                complete && t.completeTo(`${formats.time(complete, zone)} ${formats.zone(zone)}`),
              ]
                .filter(Boolean)
                .join(' · ')}
            />
            <Partly reads={[guarantees, strips]} />
            <div className="grid cols-4">
              <AvailabilityCard
                assets={assets.nodes}
                guarantees={guarantees.byId}
                loading={!guarantees.complete && !guarantees.error}
                failed={guarantees.error !== null}
                zone={zone}
              />
              <NowCard counts={counts} total={assets.nodes.length} />
              {maySeeMoney(viewer) && <BillCard zone={zone} />}
              <NeedsCard assets={assets.nodes} guarantees={guarantees.byId} />
            </div>
            <Card label={t.last24}>
              <DataTable
                rows={rows}
                columns={columns}
                rowKey={(r) => r.id}
                name={t.title}
                title={t.last24}
                total={total}
                note={text.time.zone(`${zone} (${formats.zone(zone)})`)}
              />
              <Legend />
            </Card>
          </>
        );
      }}
    </Loaded>
  );
}
