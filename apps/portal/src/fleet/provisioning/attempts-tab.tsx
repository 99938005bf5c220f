import { SegmentedControl } from '@mantine/core';
import { useMemo } from 'react';
import { usePages } from '../../api/client.js';
import { type AttemptRow, attemptsQuery } from '../../api/operations/provisioning.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import { type Column, useAddress } from '../../parts/data-table.js';
import { ListCard } from '../parts/list-card.js';
import { TonePill } from '../parts/tone-pill.js';
import { RefusedConnections } from './refused-connections.js';

/** What boards asked, and why some were refused. */
export function AttemptsTab() {
  const { text, formats } = useI18n();
  const t = text.console.provisioning;
  const [shown, setShown] = useAddress('show');
  const accepted = shown === 'all' ? null : shown === 'accepted';
  const read = usePages(attemptsQuery, { first: 50, accepted }, (r) => r.provisioningAttempts, {
    keep: true,
    every: 10_000,
  });
  const columns = useMemo<Column<AttemptRow>[]>(
    () => [
      { key: 'board', title: t.board, render: (r) => <strong>{r.thingName ?? r.clientId}</strong> },
      { key: 'operation', title: t.operation, render: (r) => r.operation.replaceAll('_', ' ') },
      {
        key: 'outcome',
        title: text.devices.state,
        render: (r) => <TonePill state={r.accepted ? 'accepted' : 'refused'} />,
      },
      {
        key: 'why',
        title: text.console.updates.why,
        render: (r) => [r.reason, r.message].filter(Boolean).join(': ') || <span className="dim">–</span>,
      },
      {
        key: 'parameters',
        title: t.parameters,
        render: (r) => r.parameters.map((p) => `${p.name}=${p.value}`).join(', ') || <span className="dim">–</span>,
      },
      {
        key: 'from',
        title: text.devices.address,
        render: (r) => <span className="mono">{r.remoteAddress ?? '–'}</span>,
      },
      {
        key: 'at',
        title: `${t.at} (${formats.zone(browserZone)})`,
        end: true,
        render: (r) => formats.dateTime(r.at, browserZone),
      },
    ],
    [t, text, formats],
  );
  return (
    <>
      <ListCard
        title={t.attempts}
        read={read}
        columns={columns}
        none={accepted === false ? t.noRefused : t.noAttempts}
        noneHint={t.noAttemptsHint}
        action={
          <SegmentedControl
            size="xs"
            aria-label={t.attempts}
            value={shown || 'refused'}
            onChange={(next) => setShown(next === 'refused' ? '' : next)}
            data={[
              { value: 'refused', label: t.refused },
              { value: 'accepted', label: t.accepted },
              { value: 'all', label: text.table.all },
            ]}
          />
        }
      />
      <RefusedConnections />
    </>
  );
}
