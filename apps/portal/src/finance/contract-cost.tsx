import type { Terms } from '../api/operations/finance.js';
import { sum } from '../customer/bill.js';
import { Card } from '../frame/page.js';
import { useI18n } from '../i18n/i18n.js';

/** What the fees come to for so many machines; usage is not known before it happens. */
export function ContractCost({ terms, machines }: { terms: Terms; machines: number }) {
  const { text, formats } = useI18n();
  const t = text.contracts;
  const { currency } = terms;
  const fees = terms.charges
    .filter((charge) => charge.kind === 'recurring')
    .map(({ key, description, amount, per }) => {
      const count = per === 'asset' ? machines : 1;
      return {
        key,
        description,
        quantity: { value: String(count), unit: per ?? 'contract' },
        price: amount ?? '0',
        amount: sum(Array.from({ length: count }, () => amount ?? '0')),
      };
    });
  return (
    <Card title={t.summary}>
      <ul className="column">
        {fees.map((fee) => (
          <li key={fee.key}>
            <span>
              {fee.description}
              <span className="cell-sub num">{`${formats.quantity(fee.quantity)} × ${formats.price(fee.price, currency)}`}</span>
            </span>
            <span className="num">{formats.money({ amount: fee.amount, currency })}</span>
          </li>
        ))}
        <li className="sum">
          <span>{t.summaryFees}</span>
          <span className="num" data-figure="fees">
            {formats.money({ amount: sum(fees.map((fee) => fee.amount)), currency })}
          </span>
        </li>
      </ul>
      <p className="quote">{t.summaryUsage}</p>
    </Card>
  );
}
