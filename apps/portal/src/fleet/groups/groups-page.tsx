import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { useRead } from '../../api/client.js';
import { type GroupRow, groupsQuery } from '../../api/operations/groups.js';
import { Card, PageHead } from '../../frame/page.js';
import { Empty, Loaded, PageSkeleton } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { useText } from '../../i18n/i18n.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { GroupForm } from './group-form.js';

export function GroupsPage() {
  const t = useText().console.groups;
  const may = useMay();
  const read = useRead(groupsQuery, {}, { every: 60_000 });
  const [making, setMaking] = useState(false);
  const columns = useMemo<Column<GroupRow>[]>(
    () => [
      {
        key: 'name',
        title: t.name,
        sort: (r) => r.name,
        render: (r) => (
          <Link className="row-title strong" to={`/fleet/groups/${r.id}`}>
            {r.name}
          </Link>
        ),
      },
      {
        key: 'kind',
        title: t.kind,
        sort: (r) => r.kind,
        render: (r) => (r.kind === 'dynamic' ? t.dynamic : t.static),
      },
      { key: 'query', title: t.query, sort: (r) => r.query, render: (r) => r.query && <code>{r.query}</code> },
      { key: 'description', title: t.description, render: (r) => r.description, csv: (r) => r.description },
    ],
    [t],
  );
  const rows = read.data?.deviceGroups ?? [];
  const make = may('groups:write') && <Button onClick={() => setMaking(true)}>{t.make}</Button>;
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() => (
        <>
          <PageHead title={rows.length === 0 ? t.none : t.head(rows.length)} tab={t.title} actions={make} />
          <Card>
            <DataTable
              rows={rows}
              columns={columns}
              rowKey={(r) => r.id}
              name={t.title}
              total={rows.length}
              empty={<Empty title={t.none} hint={t.noneHint} />}
            />
          </Card>
          {making && <GroupForm onClose={() => setMaking(false)} />}
        </>
      )}
    </Loaded>
  );
}
