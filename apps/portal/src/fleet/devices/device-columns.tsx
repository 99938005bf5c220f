import { useMemo } from 'react';
import { Link } from 'react-router';
import type { DeviceRow } from '../../api/operations/fleet.js';
import { Age } from '../../customer/machine-cells.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import type { Column } from '../../parts/data-table.js';
import { AwsMark } from '../parts/aws-mark.js';
import { TonePill } from '../parts/tone-pill.js';
import { Connection, lastSeen, Tags } from './device-cells.js';

/** What the server can sort by is named as it names it. */
export const deviceOrders = ['thingName', 'firmware', 'lastSeenAt', 'model', 'state'] as const;

export function useDeviceColumns(): readonly Column<DeviceRow>[] {
  const { text } = useI18n();
  const t = text.devices;
  const c = text.console;
  return useMemo<Column<DeviceRow>[]>(
    () => [
      {
        key: 'thingName',
        title: t.thing,
        sort: (r) => r.thingName,
        render: (r) => (
          <Link className="row-title strong" to={`/fleet/devices/${r.id}`}>
            {r.thingName}
          </Link>
        ),
      },
      { key: 'presence', title: t.connection, render: (r) => <Connection device={r} /> },
      {
        key: 'state',
        title: t.state,
        sort: (r) => r.state,
        render: (r) => (
          <span className="tags">
            <TonePill state={r.state} label={t.states[r.state] ?? r.state} />
            <AwsMark problem={r.awsProblem} />
          </span>
        ),
      },
      {
        key: 'asset',
        title: t.asset,
        render: (r) =>
          r.asset ? (
            <span>
              <Link to={`/fleet/machines/${r.asset.id}`}>{r.asset.name}</Link>
              <span className="dim"> · {r.asset.customer.name}</span>
            </span>
          ) : (
            <span className="dim">{t.notInstalled}</span>
          ),
      },
      { key: 'model', title: t.model, sort: (r) => r.model.title, render: (r) => r.model.title },
      {
        key: 'firmware',
        title: c.firmware,
        sort: (r) => r.firmwareVersion,
        render: (r) => r.firmwareVersion ?? <span className="dim">{c.notSaid}</span>,
      },
      { key: 'tags', title: c.tags, render: (r) => <Tags tags={r.tags} /> },
      {
        key: 'lastSeenAt',
        title: t.lastSeen,
        end: true,
        sort: lastSeen,
        render: (r) => <Age at={lastSeen(r)} zone={r.asset?.site.timeZone ?? browserZone} />,
      },
    ],
    [t, c],
  );
}
