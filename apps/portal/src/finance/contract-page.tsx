import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMemo } from 'react';
import { Link, useParams } from 'react-router';
import { useRead } from '../api/client.js';
import { type ContractDetail, contractAccruedQuery, contractQuery } from '../api/operations/finance.js';
import { billOf } from '../customer/bill.js';
import { StatementState } from '../customer/statement-state.js';
import { Card, PageHead } from '../frame/page.js';
import { Empty, Lines, Loaded, NotFound, PageSkeleton } from '../frame/states.js';
import { mayWriteTerms, useViewer } from '../frame/viewer.js';
import { useI18n } from '../i18n/i18n.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { CloseMonth } from './close-month.js';
import { TermsView } from './terms-view.js';

type Asset = ContractDetail['assets'][number];
type Statement = ContractDetail['statements'][number];

function Accrued({ contract }: { contract: ContractDetail }) {
  const { text, formats } = useI18n();
  const t = text.contracts;
  const zone = contract.timeZone;
  const read = useRead(contractAccruedQuery, { id: contract.id }, { every: 60_000 });
  const accrued = read.data?.contract?.accrued;
  const forecast = accrued ? (billOf([accrued])?.forecast ?? Number.NaN) : Number.NaN;
  return (
    <Card
      title={t.accruedTitle(formats.monthYear(accrued?.periodFrom ?? Date.now(), zone))}
      aside={
        accrued && (
          <span className="dim">
            {t.accruedTo(`${formats.dayTime(accrued.completeTo, zone)} ${formats.zone(zone)}`)}
          </span>
        )
      }
    >
      <Loaded read={read} skeleton={<Lines />} small>
        {() =>
          accrued && (
            <ul className="column">
              {accrued.lines.map((line, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: preview lines have no identity but their place.
                <li key={index}>
                  <span>
                    {line.description}
                    {line.quantity && <span className="cell-sub num">{formats.quantity(line.quantity)}</span>}
                  </span>
                  <span className={`num${line.amount.amount.startsWith('-') ? ' bad' : ''}`}>
                    {formats.money(line.amount)}
                  </span>
                </li>
              ))}
              <li className="sum">
                <span>{text.statement.total}</span>
                <span className="num">{formats.money(accrued.total)}</span>
              </li>
              {Number.isFinite(forecast) && (
                <li className="dim">
                  <span>{t.forecast}</span>
                  <span className="num">{formats.moneyAbout(forecast, accrued.total.currency)}</span>
                </li>
              )}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}

function Contract({ contract }: { contract: ContractDetail }) {
  const { text, formats } = useI18n();
  const t = text.contracts;
  const viewer = useViewer();
  const zone = contract.timeZone;
  const [closing, close] = useDisclosure(false);
  const assetColumns = useMemo<Column<Asset>[]>(
    () => [
      {
        key: 'name',
        title: text.overview.machine,
        render: (r) => (
          <Link className="row-title" to={`/finance/machines/${r.id}`}>
            {r.name}
            {r.location && ` · ${r.location}`}
          </Link>
        ),
      },
      { key: 'site', title: text.machines.site, render: (r) => r.site.name },
      { key: 'model', title: text.machines.model, render: (r) => r.model.title },
      { key: 'serial', title: text.machines.serial, render: (r) => r.serialNumber },
    ],
    [text],
  );
  const statementColumns = useMemo<Column<Statement>[]>(
    () => [
      {
        key: 'period',
        title: text.statements.period,
        render: (r) => (
          <Link className="row-title strong" to={`/finance/statements/${r.id}`}>
            {formats.monthYear(r.periodFrom, zone)}
          </Link>
        ),
      },
      { key: 'state', title: text.statements.state, render: (r) => <StatementState state={r.state} /> },
      { key: 'total', title: text.statements.total, end: true, render: (r) => formats.money(r.total) },
    ],
    [text, formats, zone],
  );
  const statements = [...contract.statements].sort((a, b) => b.periodFrom.localeCompare(a.periodFrom));
  return (
    <>
      <PageHead
        tab={contract.number}
        title={
          <>
            {contract.number}
            <span className="pill big">{t.states[contract.state] ?? contract.state}</span>
          </>
        }
        lead={
          <>
            {contract.customer.name} ·{' '}
            <Link to={`/finance/plans/${contract.planVersion.plan.id}?version=${contract.planVersion.version}`}>
              {text.statement.planVersion(contract.planVersion.plan.name, contract.planVersion.version)}
            </Link>{' '}
            · {formats.date(contract.from, zone)} – {contract.to ? formats.date(contract.to, zone) : t.open} · {zone}
          </>
        }
        actions={mayWriteTerms(viewer) && <Button onClick={close.open}>{t.close}</Button>}
      />
      <div className="grid cols-2" style={{ alignItems: 'start' }}>
        <div className="stack">
          <Accrued contract={contract} />
          <Card title={t.statements}>
            {statements.length === 0 ? (
              <Empty title={t.noStatements} small />
            ) : (
              <DataTable
                rows={statements}
                columns={statementColumns}
                rowKey={(r) => r.id}
                name={t.statements}
                sortable={false}
                free
              />
            )}
          </Card>
          <Card title={t.machines}>
            <DataTable
              rows={contract.assets}
              columns={assetColumns}
              rowKey={(r) => r.id}
              name={t.machines}
              sortable={false}
            />
          </Card>
        </div>
        <div className="stack">
          <TermsView terms={contract.terms} />
        </div>
      </div>
      {closing && <CloseMonth contract={contract} onClose={close.close} />}
    </>
  );
}

export function ContractPage() {
  const { id = '' } = useParams();
  const read = useRead(contractQuery, { id });
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() => (read.data?.contract ? <Contract contract={read.data.contract} /> : <NotFound page />)}
    </Loaded>
  );
}
