import { Button, Drawer, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { usePages } from '../api/client.js';
import { type QuarantineRow, quarantineQuery } from '../api/operations/fleet.js';
import { Card, PageHead } from '../frame/page.js';
import { Empty, Loaded, PageSkeleton } from '../frame/states.js';
import { browserZone } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { type Column, DataTable, useAddress } from '../parts/data-table.js';

const pageSize = 100;

/** JSON is easier to read with its lines broken; anything else is shown as it came. */
function readable(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}

export function QuarantinePage() {
  const { text, formats } = useI18n();
  const t = text.quarantine;
  const [thing, setThing] = useAddress('thing');
  const [typed, setTyped] = useState(thing);
  const [open, setOpen] = useState<QuarantineRow | null>(null);
  const read = usePages(quarantineQuery, { first: pageSize, thingName: thing || null }, (r) => r.quarantine, {
    keep: true,
    every: 30_000,
  });
  const columns = useMemo<Column<QuarantineRow>[]>(
    () => [
      {
        key: 'received',
        title: `${t.received} (${formats.zone(browserZone)})`,
        sort: (r) => r.receivedAt,
        render: (r) => (
          <span className="num">{`${formats.dayShort(r.receivedAt, browserZone)} ${formats.timeSeconds(r.receivedAt, browserZone)}`}</span>
        ),
      },
      { key: 'thing', title: t.thing, sort: (r) => r.thingName, render: (r) => r.thingName },
      {
        key: 'reason',
        title: t.reason,
        sort: (r) => r.reason,
        render: (r) => <span className="pill">{r.reason.replaceAll('_', ' ')}</span>,
      },
      { key: 'rule', title: t.rule, sort: (r) => r.rule, render: (r) => r.rule },
      {
        key: 'identity',
        title: t.identity,
        end: true,
        sort: (r) => r.seq,
        csv: (r) => (r.boot === null ? '' : `${r.boot}/${r.seq}`),
        render: (r) =>
          r.boot === null ? <span className="dim">–</span> : <span className="mono">{`${r.boot} · ${r.seq}`}</span>,
      },
      {
        key: 'payload',
        title: t.payload,
        end: true,
        csv: (r) => r.preview,
        render: (r) => (
          <Button size="compact-sm" variant="subtle" onClick={() => setOpen(r)}>
            {t.payload}
          </Button>
        ),
      },
    ],
    [t, formats],
  );
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() => (
        <>
          <PageHead
            title={read.total ? t.head(read.total) : t.none}
            tab={t.title}
            lead={read.total ? t.lead : undefined}
          />
          <Card>
            <DataTable
              rows={read.nodes}
              stale={read.isPlaceholderData}
              columns={columns}
              rowKey={(r) => r.id}
              name={t.title}
              total={read.total}
              empty={thing ? undefined : <Empty title={t.none} hint={t.noneHint} />}
              tools={
                <form
                  onSubmit={(event) => {
                    event.preventDefault();
                    setThing(typed.trim());
                  }}
                >
                  <TextInput
                    w={{ base: '100%', xs: 260 }}
                    placeholder={t.filter}
                    aria-label={t.filter}
                    value={typed}
                    onChange={(event) => setTyped(event.currentTarget.value)}
                    onBlur={() => setThing(typed.trim())}
                  />
                </form>
              }
            />
            {read.hasNextPage && (
              <Button
                variant="default"
                mt="sm"
                loading={read.isFetchingNextPage}
                onClick={() => void read.fetchNextPage()}
              >
                {text.table.more}
              </Button>
            )}
          </Card>
          <Drawer
            opened={open !== null}
            onClose={() => setOpen(null)}
            size={560}
            title={open?.thingName}
            closeButtonProps={{ 'aria-label': text.table.close }}
          >
            {open && (
              <>
                <p>
                  <span className="pill">{open.reason.replaceAll('_', ' ')}</span> {open.rule}
                </p>
                <p className="dim">
                  <span className="mono">{open.topic}</span> · {formats.dateTime(open.receivedAt, browserZone)}{' '}
                  {formats.zone(browserZone)}
                </p>
                <pre className="payload">{readable(open.preview)}</pre>
              </>
            )}
          </Drawer>
        </>
      )}
    </Loaded>
  );
}
