import { Select } from '@mantine/core';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { usePages, useRead } from '../api/client.js';
import { modelsQuery } from '../api/operations/finance.js';
import { type DeviceRow, devicesQuery } from '../api/operations/fleet.js';
import { Age } from '../customer/machine-cells.js';
import { Card, PageHead } from '../frame/page.js';
import { Empty, Loaded, PageSkeleton } from '../frame/states.js';
import { browserZone } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { type Column, DataTable, useAddress } from '../parts/data-table.js';

export function Connection({ connected }: { connected: boolean }) {
  const t = useI18n().text.devices;
  return (
    <span className="pill">
      <i style={{ background: connected ? 'var(--c-producing)' : 'var(--c-unknown)' }} />
      {connected ? t.connected : t.notConnected}
    </span>
  );
}

/** States in which a device should be connected. */
const expected = new Set(['claimed', 'active']);

/** A connected device is seen with each message it sends. */
export const lastSeen = (device: Pick<DeviceRow, 'lastSeenAt' | 'lastMessageStoredAt'>): string | null =>
  [device.lastSeenAt, device.lastMessageStoredAt]
    .filter((at) => at !== null)
    .sort()
    .at(-1) ?? null;

export function DevicesPage() {
  const { text } = useI18n();
  const t = text.devices;
  const [search] = useAddress('q');
  const [connected, setConnected] = useAddress('connected');
  const [modelId, setModel] = useAddress('model');
  const filter = useMemo(
    () => ({
      ...(search && { search }),
      ...(modelId && { modelId }),
      ...(connected && { connected: connected === 'yes' }),
    }),
    [search, connected, modelId],
  );
  const read = usePages(devicesQuery, { first: 100, filter }, (r) => r.devices, {
    all: true,
    keep: true,
    every: 15_000,
  });
  const models = useRead(modelsQuery, {});
  const columns = useMemo<Column<DeviceRow>[]>(
    () => [
      {
        key: 'thing',
        title: t.thing,
        sort: (r) => r.thingName,
        render: (r) => (
          <Link className="row-title strong" to={`/fleet/devices/${r.id}`}>
            {r.thingName}
          </Link>
        ),
      },
      {
        key: 'connected',
        title: t.connection,
        sort: (r) => (r.connected ? 1 : 0),
        render: (r) => <Connection connected={r.connected} />,
      },
      {
        key: 'last',
        title: t.lastMessage,
        sort: (r) => r.lastMessageAt,
        render: (r) => <Age at={r.lastMessageAt} zone={r.asset?.site.timeZone ?? browserZone} />,
      },
      {
        key: 'asset',
        title: t.asset,
        sort: (r) => r.asset?.name ?? null,
        render: (r) =>
          r.asset ? (
            <>
              <Link to={`/fleet/machines/${r.asset.id}`}>{r.asset.name}</Link>
              <span className="dim"> · {r.asset.customer.name}</span>
            </>
          ) : (
            <span className="dim">{t.notInstalled}</span>
          ),
      },
      { key: 'model', title: t.model, sort: (r) => r.model.title, render: (r) => r.model.title },
      { key: 'state', title: t.state, sort: (r) => r.state, render: (r) => t.states[r.state] ?? r.state },
      {
        key: 'seen',
        title: t.lastSeen,
        end: true,
        sort: lastSeen,
        render: (r) => <Age at={lastSeen(r)} zone={r.asset?.site.timeZone ?? browserZone} />,
      },
    ],
    [t],
  );
  const off = read.nodes.filter((row) => !row.connected && expected.has(row.state)).length;
  const filtered = Boolean(search || connected || modelId);
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() => (
        <>
          <PageHead
            title={
              read.nodes.length === 0 && !filtered ? t.none : off > 0 ? t.headOff(off) : filtered ? t.title : t.headAll
            }
            tab={t.title}
            lead={read.total ? t.lead(read.total) : undefined}
          />
          <Card>
            <DataTable
              rows={read.nodes}
              columns={columns}
              rowKey={(r) => r.id}
              name={t.title}
              total={read.total}
              searchHint={t.searchHint}
              empty={filtered ? undefined : <Empty title={t.none} hint={t.noneHint} />}
              tools={
                <>
                  <Select
                    aria-label={t.connection}
                    w={200}
                    value={connected}
                    onChange={(value) => setConnected(value ?? '')}
                    data={[
                      { value: '', label: `${t.connection}: ${text.table.all}` },
                      { value: 'yes', label: t.connected },
                      { value: 'no', label: t.notConnected },
                    ]}
                  />
                  <Select
                    aria-label={t.model}
                    w={200}
                    value={modelId}
                    onChange={(value) => setModel(value ?? '')}
                    data={[
                      { value: '', label: `${t.model}: ${text.table.all}` },
                      ...(models.data?.models ?? []).map((model) => ({ value: model.id, label: model.title })),
                    ]}
                  />
                </>
              }
            />
          </Card>
        </>
      )}
    </Loaded>
  );
}
