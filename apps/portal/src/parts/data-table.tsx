import { Button, Checkbox, CloseButton, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconDownload, IconSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import { listLimit } from '../api/client.js';
import { Empty } from '../frame/states.js';
import { useI18n } from '../i18n/i18n.js';
import { type CsvValue, csvOf } from './csv.js';
import { download } from './download.js';
import { ScrollBox } from './scroll-box.js';

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** Without it the column is in the CSV alone. */
  readonly render?: (row: Row) => ReactNode;
  /** What the column sorts by; without it the column cannot be sorted. */
  readonly sort?: (row: Row) => string | number | null;
  /** What the CSV holds: plain, times in RFC 3339. False leaves the column out. */
  readonly csv?: ((row: Row) => CsvValue) | false;
  readonly end?: boolean;
  readonly width?: string;
  /** On a narrow page it gets a line of its own. */
  readonly wide?: boolean;
}

interface DataTableProps<Row> {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  /** Name of the table: for readers and the CSV file. */
  readonly name: string;
  /** Rows the server knows; tells when not all are loaded yet. */
  readonly total?: number | undefined;
  readonly title?: ReactNode;
  readonly tools?: ReactNode;
  /** Search by the server: its text is in the address as `q`. */
  readonly searchHint?: string;
  readonly empty?: ReactNode;
  readonly note?: ReactNode;
  readonly sortable?: boolean;
  readonly free?: boolean;
  /** The server has sorted: the address alone says by what. */
  readonly serverSorted?: boolean;
  /** Saves all that matches, when the page holds only a part of it. */
  readonly save?: () => void;
  readonly marks?: Marks<Row> | undefined;
  /** The rows are the former question's, until the answer to the new one is here. */
  readonly stale?: boolean;
  /** Whether rows may be missing because of what is asked for; from the address when not given. */
  readonly filtered?: boolean;
}

/** Rows that are marked, to do something with them. */
export interface Marks<Row> {
  readonly marked: ReadonlySet<string>;
  readonly onChange: (marked: ReadonlySet<string>) => void;
  readonly label: (row: Row) => string;
  readonly all: string;
}

/** So many rows are shown at once; more scroll in a box of their own, under a head that stays. */
const freeUpTo = 30;
/** Rows beyond this are drawn only where they are seen. */
const virtualFrom = 200;

const collator = new Intl.Collator(undefined, { numeric: true });

function compare(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
}

/** A value of the address bar: kept without adding to the history, gone when empty. */
export function useAddress(key: string): [string, (value: string) => void] {
  const [search, setSearch] = useSearchParams();
  const set = (value: string) =>
    setSearch(
      (current) => {
        const next = new URLSearchParams(current);
        if (value) next.set(key, value);
        else next.delete(key);
        return next;
      },
      { replace: true, preventScrollReset: true },
    );
  return [search.get(key) ?? '', set];
}

function Search({ hint }: { hint: string }) {
  const { table } = useI18n().text;
  const [query, setQuery] = useAddress('q');
  const [typed, setTyped] = useState(query);
  const setLatest = useRef(setQuery);
  setLatest.current = setQuery;
  useEffect(() => {
    if (typed === query) return;
    const timer = setTimeout(() => setLatest.current(typed.trim()), 250);
    return () => clearTimeout(timer);
  }, [typed, query]);
  return (
    <TextInput
      w={{ base: '100%', xs: 260 }}
      placeholder={hint}
      aria-label={`${table.search}: ${hint}`}
      leftSection={<IconSearch size={16} />}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      rightSection={typed && <CloseButton size="sm" aria-label={table.clear} onClick={() => setTyped('')} />}
    />
  );
}

function Mark<Row>({ id, row, marks }: { id: string; row: Row; marks: Marks<Row> }) {
  const { marked, onChange, label } = marks;
  return (
    <Checkbox
      className="mark no-print"
      size="xs"
      aria-label={label(row)}
      checked={marked.has(id)}
      onChange={() => onChange(new Set(marked.has(id) ? [...marked].filter((each) => each !== id) : [...marked, id]))}
    />
  );
}

function MarkAll<Row>({
  rows,
  rowKey,
  marks,
}: {
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  marks: Marks<Row>;
}) {
  const some = rows.some((row) => marks.marked.has(rowKey(row)));
  const all = some && rows.every((row) => marks.marked.has(rowKey(row)));
  return (
    <Checkbox
      className="mark no-print"
      size="xs"
      aria-label={marks.all}
      checked={all}
      indeterminate={some && !all}
      onChange={() => marks.onChange(new Set(all ? [] : rows.map(rowKey)))}
    />
  );
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const {
    rows,
    columns: all,
    rowKey,
    name,
    total,
    title,
    tools,
    searchHint,
    empty,
    note,
    sortable = true,
    free,
    serverSorted,
    marks,
    stale = false,
  } = props;
  const { text } = useI18n();
  const columns = useMemo(() => all.filter((column) => column.render), [all]);
  const [search] = useSearchParams();
  const [sort, setSort] = useAddress('sort');
  const [sortKey, direction] = [sort.replace(/^-/, ''), sort.startsWith('-') ? -1 : 1];
  const sorted = useMemo(() => {
    const column = sortable && !serverSorted ? columns.find((c) => c.key === sortKey) : undefined;
    if (!column?.sort) return rows;
    const by = column.sort;
    return [...rows].sort((a, b) => direction * compare(by(a), by(b)));
  }, [rows, columns, sortKey, direction, sortable, serverSorted]);

  const box = useRef<HTMLElement>(null);
  const virtual = sorted.length > virtualFrom;
  const virtualizer = useVirtualizer({
    count: virtual ? sorted.length : 0,
    getScrollElement: () => box.current,
    estimateSize: () => 42,
    overscan: 12,
  });
  const items = virtualizer.getVirtualItems();
  const before = virtual ? (items[0]?.start ?? 0) : 0;
  const after = virtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  const shown = virtual ? items.flatMap((item) => sorted[item.index] ?? []) : sorted;

  const filtered = props.filtered ?? [...search.keys()].some((key) => key !== 'sort' && key !== 'tab');
  const save = () => {
    const kept = all.filter((column) => column.csv !== false);
    const body = sorted.map((row) => kept.map((column) => (column.csv ? column.csv(row) : (column.sort?.(row) ?? ''))));
    download(
      `${name}.csv`,
      csvOf(
        kept.map((c) => c.title),
        body,
      ),
    );
  };

  if (rows.length === 0 && !filtered && empty) return <>{empty}</>;
  return (
    <>
      {(searchHint || tools || sortable) && (
        <div className="table-tools no-print">
          {title && <h2 className="table-title">{title}</h2>}
          {searchHint && <Search hint={searchHint} />}
          {tools}
          <span className="grow" />
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={props.save ?? save}
            disabled={rows.length === 0}
          >
            {text.table.csv}
          </Button>
        </div>
      )}
      {rows.length === 0 ? (
        <Empty title={text.table.none} hint={text.table.noneHint} small />
      ) : (
        <ScrollBox label={name} ref={box} free={free ?? sorted.length <= freeUpTo}>
          <table className="data stacked" aria-rowcount={total ?? sorted.length} aria-busy={stale}>
            <thead>
              <tr>
                {columns.map((column, place) => {
                  const active = sortable && column.key === sortKey;
                  const Arrow = direction === 1 ? IconArrowUp : IconArrowDown;
                  return (
                    <th
                      key={column.key}
                      scope="col"
                      className={column.end ? 'end' : undefined}
                      style={column.width ? { width: column.width } : undefined}
                      aria-sort={active ? (direction === 1 ? 'ascending' : 'descending') : undefined}
                    >
                      {place === 0 && marks && <MarkAll rows={sorted} rowKey={rowKey} marks={marks} />}
                      {column.sort && sortable ? (
                        <button
                          type="button"
                          className="sort"
                          title={text.table.sortBy(column.title)}
                          onClick={() =>
                            setSort(active && direction === 1 ? `-${column.key}` : active ? '' : column.key)
                          }
                        >
                          {column.title}
                          {active && <Arrow size={14} />}
                        </button>
                      ) : (
                        column.title
                      )}
                    </th>
                  );
                })}
              </tr>
            </thead>
            <tbody>
              {before > 0 && <tr style={{ height: before }} />}
              {shown.map((row, place) => (
                <tr
                  key={rowKey(row)}
                  className={`row-link${marks?.marked.has(rowKey(row)) ? ' selected' : ''}`}
                  {...(virtual && { ref: virtualizer.measureElement, 'data-index': items[place]?.index })}
                >
                  {columns.map((column, at) => (
                    <td
                      key={column.key}
                      className={`${column.end ? 'end' : ''}${column.wide ? ' wide' : ''}`}
                      data-label={column.title}
                    >
                      {at === 0 && marks && <Mark id={rowKey(row)} row={row} marks={marks} />}
                      {column.render?.(row)}
                    </td>
                  ))}
                </tr>
              ))}
              {after > 0 && <tr style={{ height: after }} />}
            </tbody>
          </table>
        </ScrollBox>
      )}
      {(note || (total !== undefined && rows.length > 0)) && (
        <div className="table-foot">
          <span>
            {total !== undefined && total > rows.length
              ? rows.length >= listLimit
                ? text.table.rows(total).concat(' · ', text.states.limited(listLimit))
                : text.states.partial(rows.length, total)
              : total !== undefined && text.table.rows(rows.length)}
          </span>
          {note && <span>{note}</span>}
        </div>
      )}
    </>
  );
}
