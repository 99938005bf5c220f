import { Select } from '@mantine/core';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { usePages } from '../api/client.js';
import { customersQuery } from '../api/operations/finance.js';
import { type StatementRow, statementsQuery } from '../api/operations/statements.js';
import { Card, PageHead } from '../frame/page.js';
import { Empty, Loaded, PageSkeleton } from '../frame/states.js';
import { consoleBase, useConsole, useViewer } from '../frame/viewer.js';
import { useI18n } from '../i18n/i18n.js';
import { type Column, DataTable, useAddress } from '../parts/data-table.js';
import { StatementState } from './statement-state.js';

/** All statements one may see: the customer's own, or every customer's for finance. */
export function StatementsPage() {
  const { text, formats } = useI18n();
  const t = text.statements;
  const viewer = useViewer();
  const console = useConsole();
  const finance = console === 'finance';
  const [state, setState] = useAddress('state');
  const [customerId, setCustomer] = useAddress('customer');
  const filter = useMemo(() => ({ ...(state && { state }), ...(customerId && { customerId }) }), [state, customerId]);
  const read = usePages(statementsQuery, { first: 100, filter }, (r) => r.statements, { all: true, keep: true });
  const customers = usePages(customersQuery, { first: 100 }, (r) => r.customers, { all: true, enabled: finance });
  const several = new Set(read.nodes.map((row) => row.customer.id)).size > 1;

  const columns = useMemo<Column<StatementRow>[]>(
    () => [
      {
        key: 'period',
        title: t.period,
        sort: (r) => r.periodFrom,
        render: (r) => (
          <Link className="row-title strong" to={`${consoleBase[console]}/statements/${r.id}`}>
            {formats.monthYear(r.periodFrom, r.contract.timeZone)}
          </Link>
        ),
      },
      ...(finance || several
        ? [
            {
              key: 'customer',
              title: t.customer,
              sort: (r: StatementRow) => r.customer.name,
              render: (r: StatementRow) => r.customer.name,
            },
          ]
        : []),
      {
        key: 'contract',
        title: t.contract,
        sort: (r) => r.contract.number,
        render: (r) =>
          finance ? <Link to={`/finance/contracts/${r.contract.id}`}>{r.contract.number}</Link> : r.contract.number,
      },
      {
        key: 'number',
        title: t.number,
        sort: (r) => r.number,
        render: (r) => <span className="nowrap">{r.number}</span>,
      },
      { key: 'state', title: t.state, sort: (r) => r.state, render: (r) => <StatementState state={r.state} /> },
      {
        key: 'invoice',
        title: t.invoice,
        sort: (r) => r.stripeInvoiceNumber,
        render: (r) => r.stripeInvoiceNumber ?? <span className="dim">–</span>,
      },
      {
        key: 'complete',
        title: t.complete,
        end: true,
        sort: (r) => (r.completeness === null ? null : Number(r.completeness)),
        render: (r) =>
          r.completeness === null ? <span className="dim">–</span> : formats.percent(Number(r.completeness) * 100, 2),
      },
      {
        key: 'total',
        title: t.total,
        end: true,
        sort: (r) => Number(r.total.amount),
        csv: (r) => r.total.amount,
        render: (r) => <span className="strong">{formats.money(r.total)}</span>,
      },
      { key: 'currency', title: text.plans.currency, csv: (r) => r.total.currency },
    ],
    [t, text, formats, console, finance, several],
  );

  const open = read.nodes.filter((row) => row.state === 'finalised' || row.state === 'payment_failed').length;
  const differ = read.nodes.filter((row) => row.state === 'totals_differ').length;
  const head =
    read.nodes.length === 0 && !state && !customerId
      ? t.headNone
      : finance && differ > 0
        ? t.headDiffer(differ)
        : open > 0
          ? t.headOpen(open)
          : read.nodes.every((row) => row.state === 'paid') && read.nodes.length > 0
            ? t.headPaid
            : t.title;
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() => (
        <>
          <PageHead
            title={head}
            tab={t.title}
            lead={[viewer.organisation.name, read.total && t.lead(read.total)].filter(Boolean).join(' · ')}
          />
          <Card>
            <DataTable
              rows={read.nodes}
              stale={read.isPlaceholderData}
              columns={columns}
              rowKey={(r) => r.id}
              name={t.title}
              total={read.total}
              empty={state || customerId ? undefined : <Empty title={t.headNone} hint={t.noneHint} />}
              tools={
                <>
                  <Select
                    aria-label={t.state}
                    w={190}
                    value={state}
                    onChange={(value) => setState(value ?? '')}
                    data={[
                      { value: '', label: `${t.state}: ${text.table.all}` },
                      ...['rated', 'drafted', 'totals_differ', 'finalised', 'payment_failed', 'paid', 'void'].map(
                        (value) => ({
                          value,
                          label: t.states[value] ?? value,
                        }),
                      ),
                    ]}
                  />
                  {finance && (
                    <Select
                      aria-label={t.customer}
                      w={210}
                      searchable
                      value={customerId}
                      onChange={(value) => setCustomer(value ?? '')}
                      data={[
                        { value: '', label: `${t.customer}: ${text.table.all}` },
                        ...customers.nodes.map((customer) => ({ value: customer.id, label: customer.name })),
                      ]}
                    />
                  )}
                </>
              }
            />
          </Card>
        </>
      )}
    </Loaded>
  );
}
