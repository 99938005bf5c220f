import { Button, Skeleton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMemo } from 'react';
import { Link, useNavigate } from 'react-router';
import { usePages } from '../api/client.js';
import { type ContractRow, contractsQuery, type Preview } from '../api/operations/finance.js';
import { billOf } from '../customer/bill.js';
import { useAccrued } from '../customer/fleet-figures.js';
import { Card, PageHead } from '../frame/page.js';
import { Empty, Loaded, PageSkeleton } from '../frame/states.js';
import { mayWriteTerms, useViewer } from '../frame/viewer.js';
import { browserZone } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { type Column, DataTable } from '../parts/data-table.js';

interface Row extends ContractRow {
  readonly accrued: Preview | undefined;
}

export function ContractsPage() {
  const { text, formats } = useI18n();
  const t = text.contracts;
  const viewer = useViewer();
  const navigate = useNavigate();
  const read = usePages(contractsQuery, { first: 100 }, (r) => r.contracts, { all: true });
  const accrued = useAccrued(true);
  const byId = useMemo(() => new Map(accrued.nodes.map((node) => [node.id, node.accrued])), [accrued.nodes]);
  const rows = useMemo<Row[]>(
    () => read.nodes.map((node) => ({ ...node, accrued: byId.get(node.id) })),
    [read.nodes, byId],
  );
  const bill = accrued.complete ? billOf(accrued.nodes.map((node) => node.accrued)) : null;
  const columns = useMemo<Column<Row>[]>(
    () => [
      {
        key: 'number',
        title: t.number,
        sort: (r) => r.number,
        render: (r) => (
          <Link className="row-title strong" to={`/finance/contracts/${r.id}`}>
            {r.number}
          </Link>
        ),
      },
      { key: 'customer', title: t.customer, sort: (r) => r.customer.name, render: (r) => r.customer.name },
      {
        key: 'plan',
        title: t.plan,
        sort: (r) => r.planVersion.plan.name,
        render: (r) => text.statement.planVersion(r.planVersion.plan.name, r.planVersion.version),
      },
      {
        key: 'machines',
        title: t.machines,
        end: true,
        sort: (r) => r.assets.length,
        render: (r) => formats.count(r.assets.length),
      },
      { key: 'from', title: t.from, sort: (r) => r.from, render: (r) => formats.date(r.from, r.timeZone) },
      {
        key: 'to',
        title: t.to,
        sort: (r) => r.to,
        render: (r) => (r.to ? formats.date(r.to, r.timeZone) : <span className="dim">{t.open}</span>),
      },
      {
        key: 'state',
        title: t.state,
        sort: (r) => r.state,
        render: (r) => <span className="pill">{t.states[r.state] ?? r.state}</span>,
      },
      {
        key: 'accrued',
        title: t.accrued,
        end: true,
        sort: (r) => (r.accrued ? Number(r.accrued.total.amount) : null),
        csv: (r) => r.accrued?.total.amount ?? '',
        render: (r) =>
          r.accrued ? (
            formats.money(r.accrued.total)
          ) : accrued.complete || accrued.error ? (
            <span className="dim">–</span>
          ) : (
            <Skeleton height={16} width={70} ml="auto" />
          ),
      },
      { key: 'currency', title: text.plans.currency, csv: (r) => r.accrued?.total.currency ?? '' },
    ],
    [t, text, formats, accrued.complete, accrued.error],
  );
  const running = read.nodes.filter((row) => row.state === 'active').length;
  const action = mayWriteTerms(viewer) && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => void navigate('/finance/contracts/new')}>
      {t.create}
    </Button>
  );
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() => (
        <>
          <PageHead
            title={read.nodes.length === 0 ? t.none : t.head(running)}
            tab={t.title}
            lead={bill ? t.accruedLead(formats.money(bill), formats.monthYear(Date.now(), browserZone)) : undefined}
            actions={read.nodes.length > 0 && action}
          />
          <Card>
            <DataTable
              rows={rows}
              columns={columns}
              rowKey={(r) => r.id}
              name={t.title}
              total={read.total}
              empty={<Empty title={t.none} hint={t.noneHint} action={action} />}
            />
          </Card>
        </>
      )}
    </Loaded>
  );
}
