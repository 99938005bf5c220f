import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { usePages } from '../../api/client.js';
import { type QuarantineRow, quarantineQuery } from '../../api/operations/quarantine.js';
import { Card } from '../../frame/page.js';
import { Empty, Loaded } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { More } from '../parts/more.js';
import { TonePill } from '../parts/tone-pill.js';
import { MessageDrawer } from './message-drawer.js';
import type { FilterInAddress } from './quarantine-filter.js';
import { type Order, TaskDialog } from './task-dialog.js';

const pageSize = 50;

export function MessagesTab({ by }: { by: FilterInAddress }) {
  const { text, formats } = useI18n();
  const t = text.quarantine;
  const may = useMay();
  const { filter, state, narrows } = by;
  const [open, setOpen] = useState<string | null>(null);
  const [order, setOrder] = useState<Order | null>(null);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const read = usePages(quarantineQuery, { first: pageSize, filter }, (r) => r.quarantine, {
    keep: true,
    every: 30_000,
  });
  const mayOrder = may('quarantine:write') && state === 'set_aside';
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
      { key: 'thing', title: t.thing, sort: (r) => r.thingName, render: (r) => <strong>{r.thingName}</strong> },
      {
        key: 'reason',
        title: t.reason,
        sort: (r) => r.reason,
        render: (r) =>
          r.state === 'set_aside' ? (
            <span className="pill">{r.reason.replaceAll('_', ' ')}</span>
          ) : (
            <TonePill state={r.state === 'replayed' ? 'succeeded' : 'draft'} label={t.states[r.state] ?? r.state} />
          ),
      },
      { key: 'rule', title: t.rule, sort: (r) => r.rule, wide: true, render: (r) => r.rule },
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
        csv: false,
        render: (r) => (
          <Button size="compact-sm" variant="subtle" onClick={() => setOpen(r.id)}>
            {t.look}
          </Button>
        ),
      },
    ],
    [t, formats],
  );
  const chosen = read.nodes.filter((row) => marked.has(row.id));
  const total = read.total ?? 0;
  const all = (action: Order['action']): void => setOrder({ action, count: total, selection: { filter } });
  const those = (action: Order['action']): void =>
    setOrder({ action, count: chosen.length, selection: { ids: chosen.map(({ id }) => id) } });
  const bar = mayOrder && total > 0 && (
    <div className="bulk-bar no-print" role="status">
      <span>{chosen.length > 0 ? t.marked(chosen.length) : t.found(total)}</span>
      {chosen.length > 0 ? (
        <>
          <Button size="compact-sm" onClick={() => those('replay')}>
            {t.replayMarked}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => those('discard')}>
            {t.discardMarked}
          </Button>
        </>
      ) : (
        by.mayOrder && (
          <>
            <Button size="compact-sm" variant="default" onClick={() => all('replay')}>
              {t.replayAll(total)}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => all('discard')}>
              {t.discardAll(total)}
            </Button>
          </>
        )
      )}
    </div>
  );
  return (
    <Card>
      <Loaded read={read} small>
        {() => (
          <>
            <DataTable
              rows={read.nodes}
              stale={read.isPlaceholderData}
              columns={columns}
              rowKey={(r) => r.id}
              name={t.list}
              total={read.total}
              filtered={false}
              tools={bar}
              marks={
                mayOrder
                  ? {
                      marked,
                      onChange: setMarked,
                      label: (r) => t.mark(r.thingName, formats.dateTime(r.receivedAt, browserZone)),
                      all: t.markAll,
                    }
                  : undefined
              }
              empty={
                narrows || state !== 'set_aside' ? (
                  <Empty small title={t.nothing} hint={t.nothingHint} />
                ) : (
                  <Empty title={t.none} hint={t.noneHint} />
                )
              }
            />
            <More read={read} />
          </>
        )}
      </Loaded>
      <MessageDrawer
        id={open}
        onClose={() => setOpen(null)}
        onOrder={(action, id) => {
          setOpen(null);
          setOrder({ action, count: 1, selection: { ids: [id] } });
        }}
      />
      {order && (
        <TaskDialog
          order={order}
          onClose={() => {
            setOrder(null);
            setMarked(new Set());
          }}
        />
      )}
    </Card>
  );
}
