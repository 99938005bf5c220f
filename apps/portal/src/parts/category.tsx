import type { Category, Live } from '../api/operations/live.js';
import { useFormats, useText } from '../i18n/i18n.js';
import { useNow } from './now.js';

/** Order of legends and sums: good first, unknown last. */
export const categoryOrder: readonly Category[] = [
  'producing',
  'ready',
  'degraded',
  'vendor_down',
  'customer_caused',
  'utility',
  'planned_maintenance',
  'force_majeure',
  'unknown',
  'not_contracted',
];

export const isAvailable = (category: Category): boolean =>
  category === 'producing' || category === 'ready' || category === 'degraded';

/** What a pill says beside its dot; time is told where it matters (down). */
export function usePillText(): (live: Live) => string {
  const t = useText().pill;
  const formats = useFormats();
  const now = useNow();
  return ({ category, since, fraction }) => {
    switch (category) {
      case 'degraded':
        return t.degraded(fraction ? formats.percent(Math.round(Number(fraction) * 100)) : null);
      case 'vendor_down':
        return t.vendor_down(since ? formats.duration(now - Date.parse(since)) : null);
      default:
        return t[category];
    }
  };
}

export function StatePill({ live, big, label }: { live: Live; big?: boolean; label?: string }) {
  const text = usePillText()(live);
  return (
    <span className={`pill${big ? ' big' : ''}`}>
      <i style={{ background: `var(--c-${live.category})` }} />
      {label ?? text}
    </span>
  );
}

export function Swatch({ category }: { category: Category }) {
  return <i className={`swatch cat-${category}`} style={{ background: `var(--c-${category})` }} />;
}

const legendOf: readonly Category[] = categoryOrder.filter((c) => c !== 'force_majeure' && c !== 'not_contracted');

export function Legend({ also = [] }: { also?: readonly Category[] }) {
  const t = useText().category;
  const shown = categoryOrder.filter((c) => legendOf.includes(c) || also.includes(c));
  return (
    <ul className="legend">
      {shown.map((category) => (
        <li key={category}>
          <Swatch category={category} />
          {t[category]}
        </li>
      ))}
    </ul>
  );
}
