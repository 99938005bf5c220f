import { useState } from 'react';
import type { Target } from '../../api/operations/fleet.js';
import { useText } from '../../i18n/i18n.js';
import { ScrollBox } from '../../parts/scroll-box.js';
import { bulkLimit } from './bulk-targets.js';

const shownAtFirst = 6;
const shownAtMost = 500;

/** How many of each value, the most frequent first. */
function counted(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([value, count]) => `${count} × ${value}`)
    .join(', ');
}

export function BulkPreview({ targets, limited }: { targets: readonly Target[]; limited: boolean }) {
  const text = useText();
  const t = text.console.bulk;
  const [all, setAll] = useState(false);
  const shown = targets.slice(0, all ? shownAtMost : shownAtFirst);
  const off = targets.filter((target) => !target.connected).length;
  return (
    <section aria-label={t.preview} className="term" style={{ margin: 0 }}>
      <strong data-figure="targets">{t.devices(targets.length)}</strong>
      <div className="dim">
        {counted(targets.map((target) => target.model.title))} ·{' '}
        {counted(targets.map((target) => text.devices.states[target.state] ?? target.state))}
        {off > 0 && ` · ${t.off(off)}`}
      </div>
      {limited && <p className="warn">{t.limited(bulkLimit)}</p>}
      <ScrollBox label={t.preview} free={!all}>
        <ul className="tags" style={{ margin: '8px 0 0', padding: 0, maxHeight: all ? 180 : undefined }}>
          {shown.map((target) => (
            <li key={target.id} className="tag">
              {target.asset ? `${target.thingName} · ${target.asset.name}` : target.thingName}
            </li>
          ))}
          {targets.length > shown.length && (
            <li className="tag">
              {all ? (
                t.andMore(targets.length - shown.length)
              ) : (
                <button type="button" className="link" onClick={() => setAll(true)}>
                  {t.andMore(targets.length - shown.length)}
                </button>
              )}
            </li>
          )}
        </ul>
      </ScrollBox>
    </section>
  );
}
