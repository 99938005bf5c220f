import { Alert } from '@mantine/core';
import { useMemo } from 'react';
import { Link, useParams } from 'react-router';
import { useRead } from '../../api/client.js';
import { type DeviceDetail, deviceQuery } from '../../api/operations/fleet.js';
import { Age } from '../../customer/machine-cells.js';
import { Card, PageHead, Stat } from '../../frame/page.js';
import { Loaded, NotFound, PageSkeleton } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { useNow } from '../../parts/now.js';
import { Connection, lastSeen } from '../devices/device-cells.js';
import { PageTabs } from '../parts/tabs.js';
import { Certificates } from './certificates.js';
import { CommandsTab } from './commands-tab.js';
import { DeviceActions } from './device-actions.js';
import { JobsTab } from './jobs-tab.js';
import { ShadowTab } from './shadow-tab.js';
import { TagsCard } from './tags-card.js';

type Presence = DeviceDetail['presence'][number];
type Installation = DeviceDetail['installations'][number];

function Overview({ device }: { device: DeviceDetail }) {
  const { text, formats } = useI18n();
  const t = text.devices;
  const seen = lastSeen(device);
  const now = useNow();
  const zone = device.asset?.site.timeZone ?? browserZone;
  const presenceColumns = useMemo<Column<Presence>[]>(
    () => [
      {
        key: 'since',
        title: `${t.since} (${zone})`,
        render: (r) => <span className="num">{formats.dateTime(r.connectedAt, zone)}</span>,
      },
      {
        key: 'until',
        title: t.until,
        render: (r) =>
          r.disconnectedAt ? (
            <span className="num">{formats.dateTime(r.disconnectedAt, zone)}</span>
          ) : (
            <span className="good">{t.stillConnected}</span>
          ),
      },
      {
        key: 'reason',
        title: t.reason,
        render: (r) => r.reason?.replaceAll('_', ' ') ?? <span className="dim">–</span>,
      },
      {
        key: 'address',
        title: t.address,
        render: (r) => <span className="mono">{r.remoteAddress?.replace(/^::ffff:/, '') ?? '–'}</span>,
      },
      {
        key: 'duration',
        title: t.duration,
        end: true,
        render: (r) =>
          formats.duration(Date.parse(r.disconnectedAt ?? new Date(now).toISOString()) - Date.parse(r.connectedAt)),
      },
    ],
    [t, formats, zone, now],
  );
  const installationColumns = useMemo<Column<Installation>[]>(
    () => [
      { key: 'asset', title: t.asset, render: (r) => <Link to={`/fleet/machines/${r.asset.id}`}>{r.asset.name}</Link> },
      { key: 'customer', title: text.machines.customer, render: (r) => r.asset.customer.name },
      {
        key: 'from',
        title: `${t.since} (${zone})`,
        render: (r) => <span className="num">{formats.dateTime(r.from, zone)}</span>,
      },
      {
        key: 'to',
        title: t.until,
        render: (r) =>
          r.to ? (
            <span className="num">{formats.dateTime(r.to, zone)}</span>
          ) : (
            <span className="good">{t.stillInstalled}</span>
          ),
      },
    ],
    [t, text, formats, zone],
  );
  const lag =
    device.lastMessageAt && device.lastMessageStoredAt
      ? Date.parse(device.lastMessageStoredAt) - Date.parse(device.lastMessageAt)
      : null;
  const aside = device.setAsideMessages;
  const q = text.quarantine;
  return (
    <>
      {device.awsProblem !== null && (
        <Alert color="yellow" variant="light" mb="md" title={text.console.awsProblem}>
          {device.awsProblem}
        </Alert>
      )}
      {aside > 0 && (
        <Alert color="yellow" variant="light" mb="md" py={8} role="status">
          {q.setAside(aside)}{' '}
          <Link
            className="text-link"
            to={`/fleet/ingest?${new URLSearchParams({ tab: 'messages', thing: device.thingName })}`}
          >
            {q.seeThem}
          </Link>
        </Alert>
      )}
      <div className="grid cols-4">
        <Stat
          label={t.lastMessage}
          value={<Age at={device.lastMessageAt} zone={zone} />}
          note={
            device.lastMessageAt &&
            [
              `${formats.dateTime(device.lastMessageAt, zone)} ${formats.zone(zone, device.lastMessageAt)}`,
              lag !== null && lag >= 1000 && t.stored(formats.duration(lag)),
            ]
              .filter(Boolean)
              .join(' · ')
          }
        />
        <Stat
          label={t.lastSeen}
          value={<Age at={seen} zone={zone} />}
          note={seen && `${formats.dateTime(seen, zone)} ${formats.zone(zone, seen)}`}
        />
        <Stat
          label={text.console.firmware}
          value={device.firmwareVersion ?? '–'}
          note={
            device.firmware
              ? [device.firmware.hardware, formats.dateTime(device.firmware.at, zone)].filter(Boolean).join(' · ')
              : device.firmwareVersion
                ? text.console.device.fromShadow
                : text.console.notSaid
          }
        />
      </div>
      <div className="grid cols-21">
        <Certificates device={device} zone={zone} />
        <TagsCard device={device} />
      </div>
      <Card title={t.presence}>
        {device.presence.length === 0 ? (
          <p className="dim">{t.noPresence}</p>
        ) : (
          <DataTable
            rows={device.presence}
            columns={presenceColumns}
            rowKey={(r) => r.id}
            name={t.presence}
            sortable={false}
            free
          />
        )}
      </Card>
      <Card title={t.installations}>
        {device.installations.length === 0 ? (
          <p className="dim">{t.noInstallations}</p>
        ) : (
          <DataTable
            rows={device.installations}
            columns={installationColumns}
            rowKey={(r) => r.id}
            name={t.installations}
            sortable={false}
            free
          />
        )}
      </Card>
    </>
  );
}

function Device({ device }: { device: DeviceDetail }) {
  const { text, formats } = useI18n();
  const t = text.devices;
  const c = text.console.device;
  const may = useMay();
  const zone = device.asset?.site.timeZone ?? browserZone;
  return (
    <>
      <PageHead
        tab={device.thingName}
        title={
          <>
            {device.thingName}
            <Connection device={device} />
          </>
        }
        lead={
          <>
            {[
              device.model.title,
              t.schema(device.model.schemaVersion),
              t.states[device.state] ?? device.state,
              t.created(formats.date(device.createdAt, zone)),
            ].join(' · ')}
            {device.asset && (
              <>
                {' · '}
                <Link to={`/fleet/machines/${device.asset.id}`}>{device.asset.name}</Link> ·{' '}
                {device.asset.customer.name}
              </>
            )}
          </>
        }
        actions={<DeviceActions device={device} />}
      />
      <PageTabs
        label={device.thingName}
        tabs={[
          { key: 'overview', title: c.overview, body: () => <Overview device={device} /> },
          { key: 'shadow', title: c.shadow, body: () => <ShadowTab deviceId={device.id} zone={zone} /> },
          ...(may('commands:read')
            ? [{ key: 'commands', title: c.commands, body: () => <CommandsTab device={device} zone={zone} /> }]
            : []),
          ...(may('jobs:read')
            ? [{ key: 'jobs', title: c.jobs, body: () => <JobsTab deviceId={device.id} zone={zone} /> }]
            : []),
        ]}
      />
    </>
  );
}

export function DevicePage() {
  const { id = '' } = useParams();
  const read = useRead(deviceQuery, { id }, { every: 15_000 });
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() => (read.data?.device ? <Device device={read.data.device} /> : <NotFound page />)}
    </Loaded>
  );
}
