import { useMemo } from 'react';
import { Link } from 'react-router';
import { usePages } from '../../api/client.js';
import { type RolloutRow, rolloutsQuery } from '../../api/operations/updates.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import type { Column } from '../../parts/data-table.js';
import { ListCard } from '../parts/list-card.js';
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
  return <ListCard title={t.rollouts} read={read} columns={columns} none={t.noRollouts} noneHint={t.noRolloutsHint} />;
}
