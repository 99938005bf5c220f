import { Select } from '@mantine/core';
import { useMemo } from 'react';
import { usePages } from '../api/client.js';
import { useLiveReader } from '../api/live.js';
import type { AssetRow } from '../api/operations/assets.js';
import { customersQuery } from '../api/operations/finance.js';
import type { Category } from '../api/operations/live.js';
import { Card, PageHead } from '../frame/page.js';
import { Empty, Loaded, PageSkeleton } from '../frame/states.js';
import { useConsole } from '../frame/viewer.js';
import { useI18n } from '../i18n/i18n.js';
import { isAvailable } from '../parts/category.js';
import { type Column, DataTable, useAddress } from '../parts/data-table.js';
import { useAssets, useCounts } from './fleet-figures.js';
import { LastMessage, LivePill, MachineName } from './machine-cells.js';

const conditions: Record<string, (category: Category) => boolean> = {
  available: isAvailable,
  down: (category) => category === 'vendor_down',
  silent: (category) => category === 'unknown',
  other: (category) => !isAvailable(category) && category !== 'vendor_down' && category !== 'unknown',
};

/** Every machine one may see: the customer's own, or the whole fleet in the fleet console. */
export function MachinesPage() {
  const { text } = useI18n();
  const t = text.machines;
  const fleet = useConsole() === 'fleet';
  const [search] = useAddress('q');
  const [customerId, setCustomer] = useAddress('customer');
  const [condition, setCondition] = useAddress('state');
  const [site, setSite] = useAddress('site');
  const filter = useMemo(
    () => ({ ...(search && { search }), ...(customerId && { customerId }), ...(site && { siteId: site }) }),
    [search, customerId, site],
  );
  const assets = useAssets(filter);
  const customers = usePages(customersQuery, { first: 100 }, (r) => r.customers, { all: true, enabled: fleet });
  const counts = useCounts(assets.nodes);
  const newest = useLiveReader();
  const matches = conditions[condition];
  const rows = matches ? assets.nodes.filter((asset) => matches(newest(asset.live).category)) : assets.nodes;
  const sites = useMemo(() => new Map(assets.nodes.map((asset) => [asset.site.id, asset.site.name])), [assets.nodes]);
  const customersSeen = new Set(assets.nodes.map((asset) => asset.customer.id)).size;

  const columns = useMemo<Column<AssetRow>[]>(
    () => [
      { key: 'name', title: text.overview.machine, sort: (r) => r.name, render: (r) => <MachineName asset={r} /> },
      {
        key: 'live',
        title: text.overview.stateNow,
        sort: (r) => r.live.category,
        render: (r) => <LivePill live={r.live} />,
        width: '170px',
      },
      ...(fleet || customersSeen > 1
        ? [
            {
              key: 'customer',
              title: t.customer,
              sort: (r: AssetRow) => r.customer.name,
              render: (r: AssetRow) => r.customer.name,
            },
          ]
        : []),
      { key: 'site', title: t.site, sort: (r) => r.site.name, render: (r) => r.site.name },
      { key: 'model', title: t.model, sort: (r) => r.model.title, render: (r) => r.model.title },
      {
        key: 'serial',
        title: t.serial,
        sort: (r) => r.serialNumber,
        render: (r) => <span className="nowrap">{r.serialNumber}</span>,
      },
      {
        key: 'last',
        title: t.lastMessage,
        end: true,
        sort: (r) => r.live.at,
        render: (r) => <LastMessage live={r.live} zone={r.site.timeZone} />,
      },
    ],
    [text, t, fleet, customersSeen],
  );

  const attention = counts.down + counts.silent;
  const others = [
    counts.down > 0 && text.overview.downNow(counts.down),
    counts.silent > 0 && text.overview.silentNow(counts.silent),
    counts.stopped > 0 && text.overview.stoppedNow(counts.stopped),
  ].filter(Boolean);
  const head =
    assets.nodes.length === 0
      ? text.overview.none
      : attention > 0
        ? text.fleet.head(attention)
        : counts.available < assets.nodes.length
          ? text.fleet.calm
          : fleet
            ? text.fleet.fine
            : text.overview.running;
  const filtered = Boolean(search || customerId || condition || site);
  return (
    <Loaded read={assets} skeleton={<PageSkeleton />}>
      {() => (
        <>
          <PageHead
            title={filtered && assets.nodes.length === 0 ? text.table.none : head}
            tab={fleet ? text.fleet.title : text.nav.machines}
            lead={assets.nodes.length > 0 && [t.lead(counts.available, assets.nodes.length), ...others].join(' · ')}
          />
          <Card>
            <DataTable
              rows={rows}
              columns={columns}
              rowKey={(r) => r.id}
              name={fleet ? text.fleet.title : text.nav.machines}
              total={matches ? rows.length : assets.total}
              searchHint={t.searchHint}
              empty={
                filtered ? undefined : (
                  <Empty title={text.overview.none} hint={fleet ? text.fleet.noneHint : text.overview.noneHint} />
                )
              }
              tools={
                <>
                  <Select
                    aria-label={t.state}
                    w={190}
                    value={condition}
                    onChange={(value) => setCondition(value ?? '')}
                    data={[
                      { value: '', label: `${t.state}: ${text.table.all}` },
                      { value: 'available', label: t.availableOnly },
                      { value: 'down', label: t.downOnly },
                      { value: 'silent', label: t.silentOnly },
                      { value: 'other', label: t.otherOnly },
                    ]}
                  />
                  {fleet && (
                    <Select
                      aria-label={t.customer}
                      w={210}
                      searchable
                      value={customerId}
                      onChange={(value) => setCustomer(value ?? '')}
                      data={[
                        { value: '', label: `${t.customer}: ${text.table.all}` },
                        ...customers.nodes.map((customer) => ({ value: customer.id, label: customer.name })),
                      ]}
                    />
                  )}
                  {(sites.size > 1 || site) && (
                    <Select
                      aria-label={t.site}
                      w={180}
                      value={site}
                      onChange={(value) => setSite(value ?? '')}
                      data={[
                        { value: '', label: `${t.site}: ${text.table.all}` },
                        ...[...sites].map(([value, label]) => ({ value, label })),
                      ]}
                    />
                  )}
                </>
              }
            />
          </Card>
        </>
      )}
    </Loaded>
  );
}
