import type { ReactNode } from 'react';
import { useI18n } from '../i18n/i18n.js';
import { most, type Step, said } from './explanation-steps.js';

/** The terms of a line's arithmetic, one under the other, with the sum they lead to. */
export function Explanation({
  steps,
  sum,
  currency,
  children,
}: {
  steps: readonly Step[];
  sum: { label: string; amount: string };
  currency: string;
  children?: ReactNode;
}) {
  const { formats } = useI18n();
  const decimals = most(steps.map((step) => step.unitPrice));
  return (
    <>
      <ul className="steps">
        {steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps have no identity but their place in the sum.
          <li key={index}>
            <span>
              {step.quantity !== null && (
                <b className="num">{formats.quantity({ value: step.quantity, unit: step.unit ?? '1' }, 6)}</b>
              )}
              {step.quantity !== null &&
                step.unitPrice !== null &&
                ` × ${formats.price(step.unitPrice, currency, decimals)}`}
              {step.quantity !== null && <br />}
              {said(step, currency)}
            </span>
            {step.amount !== null && <span className="num">{formats.price(step.amount, currency)}</span>}
          </li>
        ))}
        <li className="sum">
          <span>{sum.label}</span>
          <span className="num">{formats.money({ amount: sum.amount, currency })}</span>
        </li>
      </ul>
      {children}
    </>
  );
}
