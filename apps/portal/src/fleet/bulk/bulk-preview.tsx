import { useState } from 'react';
import type { TargetPreview } from '../../api/operations/fleet.js';
import { useText } from '../../i18n/i18n.js';
import { ScrollBox } from '../../parts/scroll-box.js';
import { howMany } from './bulk-targets.js';

const shownAtFirst = 6;

type Part = TargetPreview['parts'][number];

/** How many of each value, the most frequent first. */
function counted(parts: readonly Part[], word: (part: Part) => string): string {
  const counts = new Map<string, number>();
  for (const part of parts) counts.set(word(part), (counts.get(word(part)) ?? 0) + part.count);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([value, count]) => `${count} × ${value}`)
    .join(', ');
}

export function BulkPreview({ preview }: { preview: TargetPreview }) {
  const text = useText();
  const t = text.console.bulk;
  const [all, setAll] = useState(false);
  const { total, parts, devices } = preview;
  const shown = devices.slice(0, all ? devices.length : shownAtFirst);
  const off = howMany(preview, ({ connected }) => !connected);
  const list = (
    <ul className="tags" style={{ margin: '8px 0 0', padding: 0, maxHeight: all ? 180 : undefined }}>
      {shown.map((device) => (
        <li key={device.id} className="tag">
          {device.asset && device.asset.name !== device.thingName
            ? `${device.thingName} · ${device.asset.name}`
            : device.thingName}
        </li>
      ))}
      {total > shown.length && (
        <li className="tag">
          {all ? (
            t.andMore(total - shown.length)
          ) : (
            <button type="button" className="link" onClick={() => setAll(true)}>
              {t.andMore(total - shown.length)}
            </button>
          )}
        </li>
      )}
    </ul>
  );
  return (
    <section aria-label={t.preview} className="term" style={{ margin: 0 }}>
      <strong data-figure="targets">{t.devices(total)}</strong>
      <div className="dim">
        {counted(parts, ({ model }) => model.title)} ·{' '}
        {counted(parts, ({ state }) => text.devices.states[state] ?? state)}
        {off > 0 && ` · ${t.off(off)}`}
      </div>
      {all ? <ScrollBox label={t.preview}>{list}</ScrollBox> : list}
    </section>
  );
}
