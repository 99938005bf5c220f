import { useMemo } from 'react';
import { useRead } from '../../api/client.js';
import { type QuarantineTask, quarantineTasksQuery } from '../../api/operations/quarantine.js';
import { Card } from '../../frame/page.js';
import { Empty, Loaded } from '../../frame/states.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { Meter } from '../parts/meter.js';
import { TonePill } from '../parts/tone-pill.js';

/** What was ordered for set-aside messages, and how far it is. */
export function TasksTab() {
  const { text, formats } = useI18n();
  const t = text.quarantine;
  const read = useRead(quarantineTasksQuery, {}, { every: 3_000 });
  const columns = useMemo<Column<QuarantineTask>[]>(
    () => [
      {
        key: 'ordered',
        title: `${t.ordered} (${formats.zone(browserZone)})`,
        render: (r) => <span className="num">{formats.dateTime(r.createdAt, browserZone)}</span>,
      },
      { key: 'by', title: t.by, render: (r) => r.requestedBy },
      {
        key: 'action',
        title: t.action,
        wide: true,
        render: (r) => (
          <>
            <strong>{r.action === 'replay' ? t.replay : t.discard}</strong>
            {r.reason && <span className="cell-sub">{t.because(r.reason)}</span>}
          </>
        ),
      },
      {
        key: 'state',
        title: t.state,
        render: (r) => <TonePill state={r.state === 'done' ? 'completed' : r.state} label={t[r.state]} />,
      },
      {
        key: 'progress',
        title: t.progress,
        wide: true,
        width: '34%',
        render: (r) =>
          r.state === 'running' ? (
            <Meter
              share={(r.settled + r.kept) / Math.max(1, r.total)}
              label={t.running}
              value={t.of(r.settled + r.kept, r.total)}
            />
          ) : (
            <span>{r.error ? t.stopped(r.error) : t.outcome(r.action, r.settled, r.kept)}</span>
          ),
      },
    ],
    [t, formats],
  );
  return (
    <Card>
      <Loaded read={read} small>
        {() => (
          <DataTable
            rows={read.data?.quarantineTasks ?? []}
            columns={columns}
            rowKey={(r) => r.id}
            name={t.tasks}
            sortable={false}
            filtered={false}
            empty={<Empty small title={t.noTasks} hint={t.noTasksHint} />}
          />
        )}
      </Loaded>
    </Card>
  );
}
