import { Button } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { StatementLine } from '../api/operations/statements.js';
import type { ApiError } from '../api/post.js';
import { Failed, Lines } from '../frame/states.js';
import { useI18n } from '../i18n/i18n.js';
import { ScrollBox } from '../parts/scroll-box.js';

/** A line of a statement, and one machine it rests on. */
export interface EvidencePlace {
  readonly statementId: string;
  readonly line: StatementLine;
  readonly machine: EvidenceMachine;
}
export interface EvidenceMachine {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
}
/** The time whose messages are looked at. */
export interface EvidenceSpan {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** A level that leads to messages. */
export type EvidenceLevel = EvidencePlace & { readonly onOpen: (span: EvidenceSpan) => void };

export const evidencePageSize = 50;
export const emptyPage = { edges: [], pageInfo: { hasNextPage: false, endCursor: null }, totalCount: 0 };

interface Listing {
  readonly nodes: readonly unknown[];
  readonly total: number | undefined;
  readonly error: ApiError | null;
  readonly data: unknown;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
  readonly refetch: () => unknown;
}

/** One level of the evidence as a table that grows page by page. */
export function EvidenceList({
  list,
  none,
  head,
  children,
}: {
  list: Listing;
  none: string;
  head: ReactNode;
  children: ReactNode;
}) {
  const { table, statement: t } = useI18n().text;
  if (list.data === undefined)
    return list.error ? <Failed error={list.error} retry={list.refetch} small /> : <Lines count={8} />;
  if (list.nodes.length === 0) return <p className="dim">{none}</p>;
  return (
    <>
      <ScrollBox label={t.evidence} free>
        <table className="data">
          <thead>{head}</thead>
          <tbody>{children}</tbody>
        </table>
      </ScrollBox>
      <div className="table-foot" style={{ alignItems: 'center' }}>
        <span>{t.shown(list.nodes.length, list.total ?? list.nodes.length)}</span>
        {list.hasNextPage && (
          <Button size="xs" variant="default" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            {table.more}
          </Button>
        )}
      </div>
    </>
  );
}

/** How many messages a span rests on; opens them. */
export function MessagesButton({
  count,
  span,
  onOpen,
}: {
  count: number;
  span: EvidenceSpan;
  onOpen: (span: EvidenceSpan) => void;
}) {
  const { text, formats } = useI18n();
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      rightSection={<IconChevronRight size={14} />}
      aria-label={text.statement.showMessages(formats.count(count), span.label)}
      onClick={() => onOpen(span)}
    >
      {formats.count(count)}
    </Button>
  );
}
