import { useMemo } from 'react';
import { usePages } from '../../api/client.js';
import { type RefusedRow, refusedConnectionsQuery } from '../../api/operations/provisioning.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import type { Column } from '../../parts/data-table.js';
import { ListCard } from '../parts/list-card.js';

const shortFingerprint = (fingerprint: string) => `${fingerprint.slice(0, 16)}…`;
const plainAddress = (address: string | null) => address?.replace(/^::ffff:/, '') ?? '–';

/** Who was not let in, an hour, a reason and a party in one line: a flood is one. */
export function RefusedConnections() {
  const { text, formats } = useI18n();
  const t = text.console.provisioning;
  const read = usePages(refusedConnectionsQuery, { first: 50 }, (r) => r.refusedConnections, {
    keep: true,
    every: 10_000,
  });
  const columns = useMemo<Column<RefusedRow>[]>(
    () => [
      {
        key: 'who',
        title: t.who,
        render: (r) =>
          r.others ? (
            <span className="dim">{t.others}</span>
          ) : (
            <>
              <strong>{r.subject ?? plainAddress(r.remoteAddress)}</strong>
              {r.fingerprint && (
                <span className="cell-sub mono" title={r.fingerprint}>
                  {shortFingerprint(r.fingerprint)}
                </span>
              )}
            </>
          ),
      },
      {
        key: 'why',
        title: text.console.updates.why,
        wide: true,
        render: (r) => (
          <>
            <span className="pill">{t.whyNot[r.reason] ?? r.reason.replaceAll('_', ' ')}</span>
            <span className="cell-sub">{r.detail}</span>
          </>
        ),
      },
      {
        key: 'times',
        title: t.times,
        end: true,
        render: (r) => <strong className="num">{formats.count(r.connections)}</strong>,
      },
      {
        key: 'from',
        title: text.devices.address,
        render: (r) => <span className="mono">{plainAddress(r.remoteAddress)}</span>,
      },
      {
        key: 'last',
        title: `${t.last} (${formats.zone(browserZone)})`,
        end: true,
        render: (r) => <span className="num">{formats.dateTime(r.lastAt, browserZone)}</span>,
      },
    ],
    [t, text, formats],
  );
  return (
    <ListCard title={t.connections} read={read} columns={columns} none={t.noConnections} noneHint={t.connectionsHint} />
  );
}
