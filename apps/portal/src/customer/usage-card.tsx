import { useRead } from '../api/client.js';
import { assetUsageQuery } from '../api/operations/assets.js';
import { Card } from '../frame/page.js';
import { Loaded } from '../frame/states.js';
import { useI18n } from '../i18n/i18n.js';
import { monthSpan } from '../i18n/zoned.js';

/** What the machine's meters counted in the month, with the quality of each. */
export function UsageCard({ assetId, month, zone }: { assetId: string; month: string; zone: string }) {
  const { text, formats } = useI18n();
  const t = text.machine;
  const span = monthSpan(month, zone);
  const read = useRead(
    assetUsageQuery,
    { id: assetId, from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() },
    { keep: true, every: 120_000 },
  );
  return (
    <Card title={t.usage(formats.month(span.from, zone))}>
      <Loaded read={read} small>
        {() => {
          const usage = read.data?.asset?.usage ?? [];
          if (usage.length === 0) return <p className="dim">{t.usageNone}</p>;
          return (
            <ul className="column">
              {usage.map(({ meter, quantity, quality, windows }) => (
                <li key={meter.id}>
                  <span>
                    {meter.title}{' '}
                    <span className={`pill ${quality === 'measured' ? 'good' : 'warn'}`}>
                      {text.quality[quality] ?? quality}
                    </span>
                    <span className="cell-sub">{t.usageWindows(windows)}</span>
                  </span>
                  <span className="num strong">{formats.quantityShort(quantity)}</span>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Card>
  );
}
