import { Stat } from '../frame/page.js';
import { useI18n } from '../i18n/i18n.js';
import type { Counts } from './fleet-figures.js';

/** How many machines are available at this moment, and what the others do. */
export function NowCard({ counts, total }: { counts: Counts; total: number }) {
  const { text, formats } = useI18n();
  const t = text.overview;
  const notes = [
    counts.down > 0 && t.downNow(counts.down),
    counts.silent > 0 && t.silentNow(counts.silent),
    counts.stopped > 0 && t.stoppedNow(counts.stopped),
  ].filter(Boolean);
  return (
    <Stat
      label={t.now}
      value={formats.count(counts.available)}
      small={t.of(total)}
      note={notes.join(' · ') || t.allWell}
    />
  );
}
