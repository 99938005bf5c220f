import { Button, Group } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useRead } from '../../api/client.js';
import { type QuarantineGroup, quarantineGroupsQuery } from '../../api/operations/quarantine.js';
import { Card } from '../../frame/page.js';
import { Empty, Loaded } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import type { FilterInAddress } from './quarantine-filter.js';
import { type Order, TaskDialog } from './task-dialog.js';

/** Messages with one fault of one model are a line, however many they are. */
export function GroupsTab({ by }: { by: FilterInAddress }) {
  const { text, formats } = useI18n();
  const t = text.quarantine;
  const may = useMay();
  const [order, setOrder] = useState<Order | null>(null);
  const { filter, state, set, narrows } = by;
  const read = useRead(quarantineGroupsQuery, { filter }, { keep: true, every: 30_000 });
  const mayOrder = may('quarantine:write') && state === 'set_aside';
  const columns = useMemo<Column<QuarantineGroup>[]>(() => {
    const meant = (group: QuarantineGroup): Order['selection'] => ({
      filter: { ...filter, reason: group.reason, ruleKind: group.ruleKind || null, modelId: group.model?.id ?? null },
    });
    return [
      {
        key: 'reason',
        title: t.reason,
        sort: (r) => r.reason,
        render: (r) => <span className="pill">{r.reason.replaceAll('_', ' ')}</span>,
      },
      { key: 'rule', title: t.rule, sort: (r) => r.ruleKind, wide: true, render: (r) => r.ruleKind },
      { key: 'model', title: t.model, sort: (r) => r.model?.title ?? '', render: (r) => r.model?.title ?? '–' },
      {
        key: 'count',
        title: t.count,
        end: true,
        sort: (r) => r.messages,
        render: (r) => <strong className="num">{formats.count(r.messages)}</strong>,
      },
      {
        key: 'devices',
        title: t.devices,
        end: true,
        sort: (r) => r.devices,
        render: (r) => (r.devices === 1 ? r.thingName : <span className="num">{formats.count(r.devices)}</span>),
      },
      {
        key: 'between',
        title: `${t.between} (${formats.zone(browserZone)})`,
        end: true,
        sort: (r) => r.lastAt,
        csv: (r) => `${r.firstAt}/${r.lastAt}`,
        render: (r) => (
          <span className="num">
            {[...new Set([r.firstAt, r.lastAt].map((at) => formats.dateTime(at, browserZone)))].join(' – ')}
          </span>
        ),
      },
      {
        key: 'actions',
        title: text.console.actions,
        end: true,
        csv: false,
        render: (r) => (
          <Group gap={6} justify="flex-end" wrap="nowrap">
            <Button
              size="compact-sm"
              variant="subtle"
              onClick={() => set({ reason: r.reason, rule: r.ruleKind, model: r.model?.id ?? '', tab: 'messages' })}
            >
              {t.look}
            </Button>
            {mayOrder && (
              <>
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => setOrder({ action: 'replay', count: r.messages, selection: meant(r) })}
                >
                  {t.replay}
                </Button>
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => setOrder({ action: 'discard', count: r.messages, selection: meant(r) })}
                >
                  {t.discard}
                </Button>
              </>
            )}
          </Group>
        ),
      },
    ];
  }, [t, text, formats, filter, mayOrder, set]);
  return (
    <Card>
      <Loaded read={read} small>
        {() => (
          <DataTable
            rows={read.data?.quarantineGroups ?? []}
            stale={read.isPlaceholderData}
            columns={columns}
            rowKey={(r) => `${r.reason} ${r.ruleKind} ${r.model?.id}`}
            name={t.groups}
            filtered={false}
            empty={
              narrows || state !== 'set_aside' ? (
                <Empty small title={t.nothing} hint={t.nothingHint} />
              ) : (
                <Empty title={t.none} hint={t.noneHint} />
              )
            }
          />
        )}
      </Loaded>
      {order && <TaskDialog order={order} onClose={() => setOrder(null)} />}
    </Card>
  );
}
