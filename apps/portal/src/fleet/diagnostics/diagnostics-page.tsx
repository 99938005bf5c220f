import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { usePages } from '../../api/client.js';
import { recentRunsQuery } from '../../api/operations/diagnostics.js';
import { Card, PageHead } from '../../frame/page.js';
import { Empty, Loaded, PageSkeleton } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { useI18n } from '../../i18n/i18n.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { PickTargets } from '../bulk/pick-targets.js';
import { TonePill } from '../parts/tone-pill.js';

/** Machines whose newest runs are looked through. */
const pageSize = 100;

export function DiagnosticsPage() {
  const { text, formats } = useI18n();
  const t = text.console.diagnostics;
  const may = useMay();
  const [starting, setStarting] = useState(false);
  const read = usePages(recentRunsQuery, { first: pageSize }, (r) => r.assets, {
    all: true,
    keep: true,
    every: 10_000,
  });
  const rows = useMemo(
    () =>
      read.nodes
        .flatMap((asset) => asset.diagnosticRuns.edges.map(({ node }) => ({ ...node, asset })))
        .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
    [read.nodes],
  );
  const columns = useMemo<Column<(typeof rows)[number]>[]>(
    () => [
      {
        key: 'machine',
        title: text.devices.asset,
        sort: (r) => r.asset.name,
        render: (r) => (
          <Link className="row-title strong" to={`/fleet/machines/${r.asset.id}`}>
            {r.asset.name}
          </Link>
        ),
      },
      {
        key: 'customer',
        title: text.machines.customer,
        sort: (r) => r.asset.customer.name,
        render: (r) => r.asset.customer.name,
      },
      { key: 'title', title: t.procedure, sort: (r) => r.title, render: (r) => r.title },
      {
        key: 'state',
        title: text.devices.state,
        sort: (r) => r.verdict ?? r.state,
        render: (r) => <TonePill state={r.verdict ?? r.state} />,
      },
      { key: 'by', title: t.by, sort: (r) => r.requestedBy, render: (r) => r.requestedBy },
      {
        key: 'at',
        title: t.started,
        end: true,
        sort: (r) => r.createdAt,
        render: (r) => (
          <Link to={`/fleet/diagnostics/${r.batchId}`}>
            {`${formats.dateTime(r.createdAt, r.asset.site.timeZone)} ${formats.zone(r.asset.site.timeZone, r.createdAt)}`}
          </Link>
        ),
      },
    ],
    [text, t, formats],
  );
  const start = may('commands:write') && <Button onClick={() => setStarting(true)}>{t.start}</Button>;
  const failed = rows.filter(({ verdict }) => verdict === 'failed').length;
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() => (
        <>
          <PageHead
            title={rows.length === 0 ? t.none : failed > 0 ? t.failed(failed) : t.title}
            tab={t.title}
            lead={t.lead}
            actions={start}
          />
          <Card>
            <DataTable
              rows={rows}
              columns={columns}
              rowKey={(r) => r.id}
              name={t.title}
              total={rows.length}
              empty={<Empty title={t.none} hint={t.noneHint} />}
            />
          </Card>
          {starting && <PickTargets action="selfTest" onClose={() => setStarting(false)} />}
        </>
      )}
    </Loaded>
  );
}
