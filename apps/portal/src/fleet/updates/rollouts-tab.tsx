import { useMemo } from 'react';
import { Link } from 'react-router';
import { usePages } from '../../api/client.js';
import { type RolloutRow, rolloutsQuery } from '../../api/operations/updates.js';
import { Card } from '../../frame/page.js';
import { Empty, Loaded } from '../../frame/states.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { More } from '../parts/more.js';
import { TonePill } from '../parts/tone-pill.js';

export function RolloutsTab() {
  const { text, formats } = useI18n();
  const t = text.console.updates;
  const { states } = text.console;
  const read = usePages(rolloutsQuery, { first: 50 }, (r) => r.rollouts, { keep: true, every: 5000 });
  const columns = useMemo<Column<RolloutRow>[]>(
    () => [
      {
        key: 'release',
        title: t.release,
        render: (r) => (
          <Link className="row-title strong" to={`/fleet/updates/${r.id}`}>
            {`${r.release.version} · ${r.release.model.title}`}
          </Link>
        ),
      },
      { key: 'state', title: text.devices.state, render: (r) => <TonePill state={r.state} /> },
      {
        key: 'counts',
        title: text.devices.title,
        render: (r) => r.counts.map(({ state, count }) => `${count} ${states[state] ?? state}`).join(', '),
      },
      { key: 'by', title: text.console.diagnostics.by, render: (r) => r.startedBy },
      {
        key: 'at',
        title: `${t.startedAt} (${formats.zone(browserZone)})`,
        end: true,
        render: (r) => formats.dateTime(r.startedAt, browserZone),
      },
    ],
    [t, text, states, formats],
  );
  return (
    <Card>
      <Loaded read={read} small>
        {() => (
          <>
            <DataTable
              rows={read.nodes}
              columns={columns}
              rowKey={(r) => r.id}
              name={t.rollouts}
              sortable={false}
              total={read.total}
              empty={<Empty title={t.noRollouts} hint={t.noRolloutsHint} />}
            />
            <More read={read} />
          </>
        )}
      </Loaded>
    </Card>
  );
}
