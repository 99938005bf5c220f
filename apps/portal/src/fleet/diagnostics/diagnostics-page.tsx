import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { usePages } from '../../api/client.js';
import { type RunRow, recentRunsQuery } from '../../api/operations/diagnostics.js';
import { PageHead } from '../../frame/page.js';
import { Loaded, PageSkeleton } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import type { Column } from '../../parts/data-table.js';
import { PickTargets } from '../bulk/pick-targets.js';
import { ListCard } from '../parts/list-card.js';
import { Meter } from '../parts/meter.js';
import { TonePill } from '../parts/tone-pill.js';
import { runOpen } from './run-card.js';

/** Every self-test of the fleet, newest first. */
export function DiagnosticsPage() {
  const { text, formats } = useI18n();
  const t = text.console.diagnostics;
  const may = useMay();
  const [starting, setStarting] = useState(false);
  const read = usePages(recentRunsQuery, { first: 50 }, (r) => r.diagnosticRuns, { keep: true, every: 5000 });
  const rows = read.nodes;
  const columns = useMemo<Column<RunRow>[]>(
    () => [
      {
        key: 'machine',
        title: text.devices.asset,
        render: (r) => (
          <Link
            className="row-title strong"
            to={r.asset ? `/fleet/machines/${r.asset.id}` : `/fleet/devices/${r.execution.device.id}`}
          >
            {r.asset?.name ?? r.execution.device.thingName}
          </Link>
        ),
      },
      {
        key: 'customer',
        title: text.machines.customer,
        render: (r) => r.asset?.customer.name ?? <span className="dim">–</span>,
      },
      { key: 'title', title: t.procedure, render: (r) => r.title },
      {
        key: 'state',
        title: text.devices.state,
        render: (r) =>
          runOpen(r) && r.progressPercent !== null ? (
            <Meter
              share={r.progressPercent / 100}
              label={r.progressStep ?? text.console.states[r.state] ?? r.state}
              value={`${r.progressPercent} %`}
            />
          ) : (
            <TonePill state={r.verdict ?? r.state} />
          ),
      },
      { key: 'by', title: t.by, render: (r) => r.requestedBy },
      {
        key: 'at',
        title: `${t.started} (${formats.zone(browserZone)})`,
        end: true,
        render: (r) => <Link to={`/fleet/diagnostics/${r.batchId}`}>{formats.dateTime(r.createdAt, browserZone)}</Link>,
      },
    ],
    [text, t, formats],
  );
  const start = may('commands:write') && <Button onClick={() => setStarting(true)}>{t.start}</Button>;
  const open = rows.filter(runOpen).length;
  const failed = rows.filter((run) => run.verdict === 'failed' || (!run.verdict && !runOpen(run))).length;
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() => (
        <>
          <PageHead
            title={
              rows.length === 0
                ? t.none
                : open > 0
                  ? t.running(open)
                  : failed > 0
                    ? t.lately(failed, rows.length)
                    : t.passed
            }
            tab={t.title}
            lead={t.lead}
            actions={start}
          />
          <ListCard read={read} columns={columns} title={t.all} none={t.none} noneHint={t.noneHint} />
          {starting && <PickTargets action="selfTest" onClose={() => setStarting(false)} />}
        </>
      )}
    </Loaded>
  );
}
