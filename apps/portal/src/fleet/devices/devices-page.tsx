import { Alert, Button } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { usePages, useRead } from '../../api/client.js';
import { downloadFile } from '../../api/files.js';
import { type DeviceRow, searchQuery } from '../../api/operations/fleet.js';
import type { ApiError } from '../../api/post.js';
import { Card, PageHead } from '../../frame/page.js';
import { Empty, Failed, Lines } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { useText } from '../../i18n/i18n.js';
import { useAddress } from '../../parts/data-table.js';
import { Fault } from '../parts/confirm.js';
import { QueryField } from '../parts/query-field.js';
import { deviceOrders } from './device-columns.js';
import { DeviceList } from './device-list.js';
import { ImportDialog } from './import-dialog.js';

/** What the address says the list is sorted by, if the server can. */
export function sortOf(sort: string) {
  const by = deviceOrders.find((order) => order === sort.replace(/^-/, ''));
  return by ? { by, descending: sort.startsWith('-') } : null;
}

const exportPath = (query: string) => `/exports/devices.csv${query && `?${new URLSearchParams({ query })}`}`;

/** Devices that AWS IoT does not have as they are here. */
const awsProblems = 'aws.problem:*';

/** States in which a device should be connected. */
const expected = new Set(['claimed', 'active']);
const isOff = (row: DeviceRow) => row.presenceState === 'offline' && expected.has(row.state);

export function DevicesPage() {
  const text = useText();
  const t = text.devices;
  const c = text.console;
  const may = useMay();
  const [query, setQuery] = useAddress('query');
  const [sort] = useAddress('sort');
  const [importing, setImporting] = useState(false);
  const read = usePages(searchQuery, { first: 50, query, sort: sortOf(sort) }, (r) => r.searchDevices, {
    keep: true,
    every: 15_000,
  });
  const atAws = useRead(searchQuery, { first: 1, query: awsProblems, sort: null }, { every: 30_000 });
  const behind = atAws.data?.searchDevices;
  const save = useMutation<void, ApiError>({ mutationFn: () => downloadFile(exportPath(query), 'devices.csv') });
  const wrong = read.error?.code === 'INVALID_INPUT' ? read.error : null;
  const more = read.data?.pages.at(-1)?.searchDevices.moreThanCounted ?? false;
  const off = read.nodes.filter(isOff).length;
  const none = read.total === 0;
  return (
    <>
      <PageHead
        title={query || none || !read.data ? (none && !query ? t.none : t.title) : off > 0 ? t.headOff(off) : t.headAll}
        tab={t.title}
        lead={read.total ? (more ? c.bulk.moreThan(read.total) : t.lead(read.total)) : undefined}
        actions={
          may('devices:write') &&
          may('assets:write') && (
            <Button variant="default" leftSection={<IconUpload size={16} />} onClick={() => setImporting(true)}>
              {c.import.title}
            </Button>
          )
        }
      />
      <Card>
        <Fault error={save.error} />
        {behind !== undefined && behind.totalCount > 0 && query !== awsProblems && (
          <Alert color="yellow" variant="light" role="status" mb="sm" py={8}>
            {c.awsProblems(
              behind.moreThanCounted ? c.bulk.moreThan(behind.totalCount) : c.bulk.devices(behind.totalCount),
            )}{' '}
            <button type="button" className="link text-link" onClick={() => setQuery(awsProblems)}>
              {c.awsShow}
            </button>
          </Alert>
        )}
        {/* Always in the same place, so that it keeps the focus whatever the answer is. */}
        <div className="table-tools no-print">
          <QueryField query={query} onQuery={setQuery} error={wrong} />
        </div>
        {wrong ? (
          <Empty small title={c.search.wrong} hint={c.search.wrongHint} />
        ) : read.data ? (
          <DeviceList
            name={t.title}
            rows={read.nodes}
            total={read.total}
            moreThanCounted={more}
            read={read}
            all={{ query }}
            save={() => save.mutate()}
            empty={<Empty title={t.none} hint={c.devicesHint} />}
          />
        ) : read.error ? (
          <Failed small error={read.error} retry={read.refetch} />
        ) : (
          <Lines count={8} />
        )}
      </Card>
      <ImportDialog opened={importing} onClose={() => setImporting(false)} />
    </>
  );
}
