import { Skeleton } from '@mantine/core';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { usePages } from '../api/client.js';
import { useLiveReader } from '../api/live.js';
import type { AssetRow, GuaranteeFigure } from '../api/operations/assets.js';
import { statementsQuery } from '../api/operations/statements.js';
import { Card, PageHead, Stat } from '../frame/page.js';
import { Empty, Lines, Loaded, Partly } from '../frame/states.js';
import { maySeeMoney, useViewer } from '../frame/viewer.js';
import { browserZone } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { Legend } from '../parts/category.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { useNow } from '../parts/now.js';
import { Strip, type StripInterval, useStripSummary } from '../parts/strip.js';
import { billOf } from './bill.js';
import { type Counts, useAccrued, useAssets, useCounts, useGuarantees, useStrips } from './fleet-figures.js';
import { LivePill, MachineName, Met, MonthFigure } from './machine-cells.js';

const everything = {};
const needsShown = 3;

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

function AvailabilityCard({
  figures,
  loading,
  failed,
  zone,
}: {
  figures: readonly GuaranteeFigure[];
  loading: boolean;
  failed: boolean;
  zone: string;
}) {
  const { text, formats } = useI18n();
  const t = text.overview;
  const month = formats.month(useNow(), zone);
  if (loading && figures.length === 0)
    return <Stat label={t.availability(month)} value={<Skeleton height={30} width={120} />} />;
  const up = figures.reduce((sum, { availability }) => sum + Number(availability.upMs), 0);
  const measured = figures.reduce((sum, { availability }) => sum + availability.measuredMs, 0);
  const targets = new Set(figures.map((figure) => figure.target));
  const [target] = targets;
  const met = figures.filter((figure) => figure.met).length;
  return (
    <Stat
      label={t.availability(month)}
      value={measured > 0 ? formats.percent((100 * up) / measured, 2) : '–'}
      note={
        figures.length > 0
          ? `${targets.size === 1 && target ? t.guaranteed(formats.percent(target)) : t.guaranteedAll} · ${t.kept(met, figures.length)}`
          : failed
            ? text.states.failed
            : t.noneAgreed
      }
    />
  );
}

function NowCard({ counts, total }: { counts: Counts; total: number }) {
  const { text, formats } = useI18n();
  const t = text.overview;
  const notes = [
    counts.down > 0 && t.downNow(counts.down),
    counts.silent > 0 && t.silentNow(counts.silent),
    counts.stopped > 0 && t.stoppedNow(counts.stopped),
  ].filter(Boolean);
  return (
    <Stat
      label={t.now}
      value={formats.count(counts.available)}
      small={t.of(total)}
      note={notes.join(' · ') || t.allWell}
    />
  );
}

function BillCard({ zone }: { zone: string }) {
  const { text, formats } = useI18n();
  const t = text.overview;
  const accrued = useAccrued(true);
  const month = formats.month(useNow(), zone);
  const bill = useMemo(
    () => (accrued.complete ? billOf(accrued.nodes.map((node) => node.accrued)) : null),
    [accrued.complete, accrued.nodes],
  );
  if (!accrued.complete && !accrued.error)
    return <Stat label={t.billSoFar(month)} value={<Skeleton height={30} width={150} />} />;
  if (!bill)
    return (
      <Stat label={t.billSoFar(month)} value="–" note={accrued.error ? text.states.failed : text.contracts.none} />
    );
  const amount = formats.money({ amount: bill.amount, currency: bill.currency });
  const forecast = Number.isFinite(bill.forecast) ? t.forecast(formats.moneyAbout(bill.forecast, bill.currency)) : null;
  if (!bill.usage) return <Stat label={t.billSoFar(month)} value={amount} note={forecast} />;
  return (
    <Stat
      label={t.usage(bill.usage.description, month)}
      value={formats.quantityShort(bill.usage)}
      note={[t.bill(amount), forecast].filter(Boolean).join(' · ')}
    />
  );
}

function NeedsCard({
  assets,
  guarantees,
}: {
  assets: readonly AssetRow[];
  guarantees: ReadonlyMap<string, GuaranteeFigure | null>;
}) {
  const { text, formats } = useI18n();
  const t = text.overview;
  const viewer = useViewer();
  const newest = useLiveReader();
  const now = useNow();
  const open = usePages(statementsQuery, { first: 20, filter: { state: 'finalised' } }, (r) => r.statements, {
    enabled: maySeeMoney(viewer),
  });
  const needs: { key: string; to: string; text: string }[] = [];
  for (const asset of assets) {
    const { category, since } = newest(asset.live);
    const to = `/machines/${asset.id}`;
    if (category === 'vendor_down')
      needs.push({
        key: `d${asset.id}`,
        to,
        text: t.needDown(asset.name, since ? formats.duration(now - Date.parse(since)) : '–'),
      });
    if (category === 'unknown') needs.push({ key: `s${asset.id}`, to, text: t.needSilent(asset.name) });
  }
  for (const asset of assets) {
    const figure = guarantees.get(asset.id);
    if (figure?.met === false)
      needs.push({
        key: `g${asset.id}`,
        to: `/machines/${asset.id}`,
        text: t.needBelow(asset.name, formats.percent(figure.creditPercent)),
      });
  }
  for (const statement of open.nodes)
    needs.push({ key: statement.id, to: `/statements/${statement.id}`, text: t.needPay(statement.number) });
  return (
    <section className="card stat">
      <div className="label">{t.needs}</div>
      <div className="value">{formats.count(needs.length)}</div>
      {needs.length === 0 ? (
        <div className="note">{t.nothing}</div>
      ) : (
        <ul>
          {needs.slice(0, needsShown).map((need) => (
            <li key={need.key}>
              <Link to={need.to}>{need.text}</Link>
            </li>
          ))}
          {needs.length > needsShown && <li>{t.needMore(needs.length - needsShown)}</li>}
        </ul>
      )}
    </section>
  );
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
        const newest = assets.nodes
          .map((asset) => asset.live.at ?? '')
          .sort()
          .at(-1);
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
                newest && t.completeTo(`${formats.time(newest, zone)} ${formats.zone(zone)}`),
              ]
                .filter(Boolean)
                .join(' · ')}
            />
            <Partly reads={[guarantees, strips]} />
            <div className="grid cols-4">
              <AvailabilityCard
                figures={figures}
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
                name={t.machine}
                title={t.last24}
                total={total}
                note={text.time.zone(`${zone} (${formats.zone(zone)})`)}
                free={rows.length <= 30}
              />
              <Legend />
            </Card>
          </>
        );
      }}
    </Loaded>
  );
}

function OverviewSkeleton() {
  return (
    <>
      <div className="page-head">
        <div style={{ display: 'grid', gap: 8 }}>
          <Skeleton height={28} width={380} maw="80vw" />
          <Skeleton height={16} width={300} maw="60vw" />
        </div>
      </div>
      <div className="grid cols-4" style={{ marginBottom: 16 }}>
        {['a', 'b', 'c', 'd'].map((key) => (
          <div key={key} className="card">
            <Skeleton height={14} width="60%" mb={14} />
            <Skeleton height={30} width="45%" mb={12} />
            <Skeleton height={14} width="80%" />
          </div>
        ))}
      </div>
      <div className="card">
        <Lines count={9} height={20} />
      </div>
    </>
  );
}
