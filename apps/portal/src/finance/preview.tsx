import { Select, Skeleton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { usePages, useRead } from '../api/client.js';
import { contractsQuery, type Preview, previewTermsQuery, type TermsInput } from '../api/operations/finance.js';
import { sum } from '../customer/bill.js';
import { Card } from '../frame/page.js';
import { Failed, Lines } from '../frame/states.js';
import { useI18n } from '../i18n/i18n.js';
import { localDay, monthKey, monthSpan } from '../i18n/zoned.js';
import { ScrollBox } from '../parts/scroll-box.js';

const monthsBack = 6;
const typingPauseMs = 500;

const amountsOf = (preview: Preview, kind: string) =>
  sum(preview.lines.filter((line) => line.kind === kind).map((line) => line.amount.amount));

interface WouldHaveProps {
  /** Terms to try; null while they are not complete. */
  readonly terms: TermsInput | null;
  /** Terms to compare with: those of the version before. */
  readonly before: { readonly terms: TermsInput; readonly version: number } | null;
  readonly planId: string;
  readonly editable: boolean;
}

/** The same rating as every month's close, over a past month and these terms. */
export function WouldHaveBilled({ terms, before, planId, editable }: WouldHaveProps) {
  const { text, formats } = useI18n();
  const t = text.preview;
  const contracts = usePages(contractsQuery, { first: 100 }, (r) => r.contracts, { all: true });
  const ordered = useMemo(
    () =>
      [...contracts.nodes].sort(
        (a, b) => Number(b.planVersion.plan.id === planId) - Number(a.planVersion.plan.id === planId),
      ),
    [contracts.nodes, planId],
  );
  const [chosen, setChosen] = useState<string | null>(null);
  const contract = ordered.find((each) => each.id === chosen) ?? ordered[0];
  const zone = contract?.timeZone ?? 'UTC';
  const today = localDay(Date.now(), zone);
  const months = Array.from({ length: monthsBack }, (_, i) => monthKey(today.year, today.month - 1 - i));
  const [month, setMonth] = useState(months[0] ?? '');
  const [settled] = useDebouncedValue(terms, typingPauseMs);
  const enabled = Boolean(contract);
  const none: TermsInput = { currency: 'EUR', charges: [], guarantees: [] };
  const draft = useRead(
    previewTermsQuery,
    { terms: settled ?? none, contractId: contract?.id ?? '', month },
    { enabled: enabled && settled !== null, keep: true },
  );
  const old = useRead(
    previewTermsQuery,
    { terms: before?.terms ?? none, contractId: contract?.id ?? '', month },
    { enabled: enabled && before !== null, keep: true },
  );
  const now = draft.data?.previewTerms;
  const then = before ? old.data?.previewTerms : undefined;

  const change = (a: string, b: string) => {
    const [x, y] = [Number(a), Number(b)];
    if (y === 0 || x === y) return <span className="dim">–</span>;
    const percent = (100 * (x - y)) / Math.abs(y);
    return (
      <span
        className={percent > 0 ? 'good' : 'bad'}
      >{`${percent > 0 ? '+' : '−'} ${formats.percent(Math.abs(percent), 1)}`}</span>
    );
  };
  const money = (amount: string) => formats.money({ amount, currency: now?.total.currency ?? 'EUR' });

  if (contracts.complete && !contract)
    return (
      <Card title={t.title}>
        <p className="dim">{t.noContract}</p>
      </Card>
    );
  return (
    <Card title={t.title}>
      <div className="fields">
        <Select
          label={t.contract}
          searchable
          value={contract?.id ?? null}
          onChange={setChosen}
          data={ordered.map((each) => ({ value: each.id, label: `${each.customer.name} · ${each.number}` }))}
        />
        <Select
          label={t.month}
          value={month}
          onChange={(value) => value && setMonth(value)}
          data={months.map((value) => ({
            value,
            label: formats.monthYear(monthSpan(value, zone).from + 86_400_000, zone),
          }))}
        />
      </div>
      {terms === null ? (
        <p className="quote">{t.fix}</p>
      ) : draft.error && !now ? (
        <Failed error={draft.error} retry={draft.refetch} small />
      ) : !now ? (
        <div style={{ marginTop: 16 }}>
          <Skeleton height={48} mb={16} />
          <Lines count={4} />
        </div>
      ) : (
        <div aria-busy={draft.isFetching || settled !== terms}>
          <dl className="kpis">
            {(['total', 'usage', 'credits'] as const).map((name) => {
              const of = (preview: Preview) =>
                name === 'total' ? preview.total.amount : amountsOf(preview, name === 'usage' ? 'usage' : 'credit');
              return (
                <div key={name}>
                  <dt>{t[name]}</dt>
                  <dd className="big" data-figure={`preview-${name}`}>
                    {money(of(now))}
                  </dd>
                  {then && <dd className="num">{change(of(now), of(then))}</dd>}
                </div>
              );
            })}
          </dl>
          <ScrollBox label={t.title} free>
            <table className="data">
              <thead>
                <tr>
                  <th>{t.line}</th>
                  {then && before && <th className="end">{text.plans.before(before.version)}</th>}
                  <th className="end">{editable ? t.this : t.thisVersion}</th>
                  {then && <th className="end">{t.change}</th>}
                </tr>
              </thead>
              <tbody>
                {now.lines.map((line, index) => {
                  const same = then?.lines.find((each) => each.description === line.description);
                  return (
                    // biome-ignore lint/suspicious/noArrayIndexKey: preview lines have no identity but their place.
                    <tr key={index}>
                      <td>
                        {line.description}
                        {line.quantity && <span className="cell-sub num">{formats.quantity(line.quantity)}</span>}
                      </td>
                      {then && (
                        <td className="end">{same ? money(same.amount.amount) : <span className="dim">–</span>}</td>
                      )}
                      <td className="end">{money(line.amount.amount)}</td>
                      {then && (
                        <td className="end">
                          {same ? change(line.amount.amount, same.amount.amount) : <span className="dim">–</span>}
                        </td>
                      )}
                    </tr>
                  );
                })}
              </tbody>
              <tfoot>
                <tr>
                  <td>{t.total}</td>
                  {then && <td className="end">{money(then.total.amount)}</td>}
                  <td className="end">{money(now.total.amount)}</td>
                  {then && <td className="end">{change(now.total.amount, then.total.amount)}</td>}
                </tr>
              </tfoot>
            </table>
          </ScrollBox>
        </div>
      )}
    </Card>
  );
}
