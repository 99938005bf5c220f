import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { DeviceRow, DeviceTarget } from '../../api/operations/fleet.js';
import { useText } from '../../i18n/i18n.js';
import { DataTable } from '../../parts/data-table.js';
import { BulkDialog, useBulkActions } from '../bulk/bulk-dialog.js';
import { More } from '../parts/more.js';
import { useDeviceColumns } from './device-columns.js';

interface DeviceListProps {
  readonly name: string;
  readonly rows: readonly DeviceRow[];
  readonly total: number | undefined;
  readonly moreThanCounted: boolean;
  readonly read: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isPlaceholderData: boolean;
    fetchNextPage: () => unknown;
  };
  /** What "all" means here: a query, or a group's members. */
  readonly all: DeviceTarget;
  readonly tools?: ReactNode;
  readonly empty?: ReactNode;
  readonly save?: () => void;
  /** Further things to do with the marked. */
  readonly extra?: (marked: readonly DeviceRow[], clear: () => void) => ReactNode;
}

/** Devices with marks and what can be done with many of them. */
export function DeviceList(props: DeviceListProps) {
  const { name, rows, total, moreThanCounted, read, all, tools, empty, save, extra } = props;
  const t = useText().console.bulk;
  const columns = useDeviceColumns();
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<DeviceTarget | null>(null);
  const actions = useBulkActions();
  const chosen = rows.filter((row) => marked.has(row.id));
  const shown = moreThanCounted ? t.moreThan(total ?? 0) : t.devices(total ?? rows.length);
  const bar = actions.length > 0 && rows.length > 0 && (
    <div className="bulk-bar no-print" role="status">
      <span>{chosen.length > 0 ? t.marked(chosen.length) : t.matching(shown)}</span>
      {chosen.length > 0 && (
        <Button size="compact-sm" onClick={() => setOpen({ things: chosen.map(({ thingName }) => thingName) })}>
          {t.withMarked}
        </Button>
      )}
      <Button size="compact-sm" variant="default" onClick={() => setOpen(all)}>
        {t.withAll(shown)}
      </Button>
      {chosen.length > 0 && extra?.(chosen, () => setMarked(new Set()))}
    </div>
  );
  return (
    <>
      <DataTable
        rows={rows}
        stale={read.isPlaceholderData}
        columns={columns}
        rowKey={(r) => r.id}
        name={name}
        total={moreThanCounted ? undefined : total}
        note={moreThanCounted ? t.moreThanShown(rows.length, total ?? 0) : undefined}
        serverSorted
        tools={
          <>
            {bar}
            {tools}
          </>
        }
        {...(save ? { save } : {})}
        empty={empty}
        marks={
          actions.length > 0
            ? { marked, onChange: setMarked, label: (r) => t.mark(r.thingName), all: t.markAll }
            : undefined
        }
      />
      <More read={read} />
      {open && <BulkDialog target={open} onClose={() => setOpen(null)} />}
    </>
  );
}
