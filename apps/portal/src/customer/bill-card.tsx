import { Skeleton } from '@mantine/core';
import { useMemo } from 'react';
import { Stat } from '../frame/page.js';
import { useI18n } from '../i18n/i18n.js';
import { useNow } from '../parts/now.js';
import { billOf } from './bill.js';
import { useAccrued } from './fleet-figures.js';

/** The running month's usage with its bill so far and what it may come to. */
export function BillCard({ zone }: { zone: string }) {
  const { text, formats } = useI18n();
  const t = text.overview;
  const accrued = useAccrued(true);
  const month = formats.month(useNow(), zone);
  const bill = useMemo(
    () => (accrued.complete ? billOf(accrued.nodes.map((node) => node.accrued)) : null),
    [accrued.complete, accrued.nodes],
  );
  if (!accrued.complete && !accrued.error)
    return <Stat label={t.billSoFar(month)} value={<Skeleton height={30} width={150} />} />;
  if (!bill)
    return (
      <Stat label={t.billSoFar(month)} value="–" note={accrued.error ? text.states.failed : text.contracts.none} />
    );
  const amount = formats.money({ amount: bill.amount, currency: bill.currency });
  const forecast = Number.isFinite(bill.forecast) ? t.forecast(formats.moneyAbout(bill.forecast, bill.currency)) : null;
  if (!bill.usage) return <Stat label={t.billSoFar(month)} value={amount} note={forecast} />;
  return (
    <Stat
      label={t.usage(bill.usage.description, month)}
      value={formats.quantityShort(bill.usage)}
      note={[t.bill(amount), forecast].filter(Boolean).join(' · ')}
    />
  );
}
