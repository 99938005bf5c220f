import { Button } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { Link, useParams } from 'react-router';
import { useRead } from '../api/client.js';
import {
  type LineEvidence,
  type StatementDetail,
  type StatementLine,
  statementEvidenceQuery,
  statementQuery,
} from '../api/operations/statements.js';
import { Card, PageHead } from '../frame/page.js';
import { Lines, Loaded, NotFound, PageSkeleton } from '../frame/states.js';
import { useConsole } from '../frame/viewer.js';
import { useI18n } from '../i18n/i18n.js';
import { useAddress } from '../parts/data-table.js';
import { Explanation } from '../parts/explanation.js';
import { most } from '../parts/explanation-steps.js';
import { ScrollBox } from '../parts/scroll-box.js';
import { StatementState } from './statement-state.js';

const Evidence = lazy(async () => ({ default: (await import('./evidence.js')).Evidence }));

/** Of graduated prices: each tier's price that was used. */
function usePriceText(currency: string) {
  const { formats } = useI18n();
  return (line: StatementLine) => {
    if (line.unitPrice !== null) return formats.price(line.unitPrice, currency);
    const prices = line.explanation.flatMap((step) => (step.unitPrice === null ? [] : [step.unitPrice]));
    return line.kind === 'usage' ? prices.map((each) => formats.price(each, currency, most(prices))).join(' / ') : '';
  };
}

function LineTable({
  statement,
  selected,
  onSelect,
}: {
  statement: StatementDetail;
  selected: StatementLine | undefined;
  onSelect: (line: StatementLine) => void;
}) {
  const { text, formats } = useI18n();
  const t = text.statement;
  const price = usePriceText(statement.total.currency);
  const lines = [...statement.lines].sort((a, b) => a.position - b.position);
  return (
    <Card>
      <ScrollBox label={t.line} free>
        <table className="data stacked">
          <thead>
            <tr>
              <th scope="col">{t.line}</th>
              <th scope="col" className="end">
                {t.quantity}
              </th>
              <th scope="col" className="end">
                {t.price}
              </th>
              <th scope="col" className="end">
                {t.amount}
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr
                key={line.id}
                className={`pick row-link${line === selected ? ' selected' : ''}`}
                onClick={() => onSelect(line)}
              >
                <td>
                  <button type="button" className="row-button" aria-pressed={line === selected}>
                    {line.description}
                  </button>
                  {line.quality && (
                    <>
                      {' '}
                      <span className={`pill ${line.quality === 'measured' ? 'good' : 'warn'}`}>
                        {text.quality[line.quality] ?? line.quality}
                      </span>
                    </>
                  )}
                  {line.asset && !line.description.includes(line.asset.name) && (
                    <span className="cell-sub">{line.asset.name}</span>
                  )}
                </td>
                <td className="end" data-label={t.quantity}>
                  {line.quantity && formats.quantity(line.quantity)}
                </td>
                <td className="end" data-label={t.price}>
                  {price(line)}
                </td>
                <td className={`end${line.amount.amount.startsWith('-') ? ' bad' : ''}`} data-label={t.amount}>
                  {formats.money(line.amount)}
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td colSpan={3}>{t.total}</td>
              <td className="end" data-figure="total">
                {formats.money(statement.total)}
              </td>
            </tr>
          </tfoot>
        </table>
      </ScrollBox>
    </Card>
  );
}

function RestsOn({ evidence }: { evidence: LineEvidence }) {
  const { text } = useI18n();
  const t = text.statement;
  const { windowCount, estimatedCount, messageCount, missingCount, assets } = evidence;
  if (windowCount === 0 && messageCount === 0) return <p className="quote">{t.terms}</p>;
  return (
    <div className="quote" style={{ marginBottom: 14 }}>
      <div>
        {[
          t.machines(assets.length),
          windowCount > 0 && t.windows(windowCount),
          windowCount > 0 && (estimatedCount > 0 ? t.estimated(estimatedCount) : t.allMeasured),
        ]
          .filter(Boolean)
          .join(' · ')}
      </div>
      <div>
        <b>{t.messages(messageCount)}</b>
        {missingCount !== null && `, ${missingCount > 0 ? t.missing(missingCount) : t.noneMissing}`}
      </div>
    </div>
  );
}

function Statement({ statement }: { statement: StatementDetail }) {
  const { text, formats } = useI18n();
  const t = text.statement;
  const console = useConsole();
  const zone = statement.contract.timeZone;
  const [lineId, setLine] = useAddress('line');
  const [opened, setOpened] = useState(false);
  const selected =
    statement.lines.find((line) => line.id === lineId) ??
    statement.lines.find((line) => line.kind === 'usage') ??
    statement.lines[0];
  const evidence = useRead(statementEvidenceQuery, { id: statement.id });
  const lineEvidence = evidence.data?.statement?.lines.find((line) => line.id === selected?.id)?.evidence;
  const { planVersion } = statement.contract;
  return (
    <>
      <PageHead
        tab={t.title(formats.monthYear(statement.periodFrom, zone))}
        title={
          <>
            {t.title(formats.monthYear(statement.periodFrom, zone))}
            <StatementState
              state={statement.state}
              {...(statement.paidAt && { label: t.paidOn(formats.dayShort(statement.paidAt, zone)) })}
            />
          </>
        }
        lead={
          <>
            {console === 'finance' && `${statement.customer.name} · `}
            {console === 'finance' ? (
              <Link to={`/finance/contracts/${statement.contract.id}`}>{t.contract(statement.contract.number)}</Link>
            ) : (
              t.contract(statement.contract.number)
            )}
            {` · ${[
              t.planVersion(planVersion.plan.name, planVersion.version),
              t.fromTo(formats.dayTime(statement.periodFrom, zone), formats.dayTime(statement.periodTo, zone), zone),
              statement.completeness === null
                ? t.completeUnknown
                : t.complete(formats.percent(Number(statement.completeness) * 100, 2)),
            ].join(' · ')}`}
          </>
        }
        actions={
          statement.hostedInvoiceUrl ? (
            <Button
              component="a"
              href={statement.hostedInvoiceUrl}
              target="_blank"
              rel="noreferrer"
              variant="default"
              rightSection={<IconExternalLink size={16} />}
            >
              {t.invoice(statement.stripeInvoiceNumber ?? '')}
            </Button>
          ) : (
            statement.stripeInvoiceNumber && (
              <span className="pill big">{t.invoice(statement.stripeInvoiceNumber)}</span>
            )
          )
        }
      />
      <div className="grid cols-21">
        <LineTable statement={statement} selected={selected} onSelect={(line) => setLine(line.id)} />
        <div className="sticky-side">
          <Card title={selected ? t.where(selected.description) : t.choose}>
            {selected && (
              <>
                <Explanation
                  steps={selected.explanation}
                  sum={{ label: t.sum, amount: selected.amount.amount }}
                  currency={selected.amount.currency}
                />
                <Loaded read={evidence} skeleton={<Lines count={2} />} small>
                  {() =>
                    lineEvidence && (
                      <>
                        <RestsOn evidence={lineEvidence} />
                        {(lineEvidence.messageCount > 0 || lineEvidence.windowCount > 0) && (
                          <Button variant="default" onClick={() => setOpened(true)} className="no-print">
                            {t.open}
                          </Button>
                        )}
                      </>
                    )
                  }
                </Loaded>
                <p className="dim" style={{ margin: '14px 0 0', fontSize: 12.5 }}>
                  {t.knownAt(
                    `${formats.dateTime(statement.storedBefore, zone)} ${formats.zone(zone, statement.storedBefore)}`,
                  )}
                </p>
              </>
            )}
          </Card>
        </div>
      </div>
      {selected && lineEvidence && opened && (
        <Suspense>
          <Evidence
            statementId={statement.id}
            line={selected}
            evidence={lineEvidence}
            onClose={() => setOpened(false)}
          />
        </Suspense>
      )}
    </>
  );
}

export function StatementPage() {
  const { id = '' } = useParams();
  const read = useRead(statementQuery, { id });
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() => (read.data?.statement ? <Statement statement={read.data.statement} /> : <NotFound page />)}
    </Loaded>
  );
}
