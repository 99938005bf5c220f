import type { ReactNode } from 'react';
import type { ApiError } from '../../api/post.js';
import { Card } from '../../frame/page.js';
import { Empty, Loaded } from '../../frame/states.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { More } from './more.js';

interface ListCardProps<Row> {
  readonly title: string;
  readonly read: {
    readonly data: unknown;
    readonly error: ApiError | null;
    readonly refetch: () => unknown;
    readonly nodes: readonly Row[];
    readonly total: number | undefined;
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
  readonly columns: readonly Column<Row>[];
  readonly none: string;
  readonly noneHint: string;
  readonly action?: ReactNode;
}

/** A list by the server's order, a page at a time. `none` is said when it is empty, whatever it is filtered by. */
export function ListCard<Row extends { id: string }>(props: ListCardProps<Row>) {
  const { title, read, columns, none, noneHint, action } = props;
  return (
    <Card title={title} aside={action || undefined}>
      <Loaded read={read} small>
        {() => (
          <>
            <DataTable
              rows={read.nodes}
              columns={columns}
              rowKey={(r) => r.id}
              name={title}
              sortable={false}
              filtered={false}
              total={read.total}
              empty={<Empty small title={none} hint={noneHint} />}
            />
            <More read={read} />
          </>
        )}
      </Loaded>
    </Card>
  );
}
