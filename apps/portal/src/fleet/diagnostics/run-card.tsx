import type { ReactNode } from 'react';
import type { Run } from '../../api/operations/diagnostics.js';
import { useI18n } from '../../i18n/i18n.js';
import { isObject } from '../parts/json.js';
import { Meter } from '../parts/meter.js';
import { TonePill } from '../parts/tone-pill.js';

export const runOpen = ({ state }: Pick<Run, 'state'>): boolean => ['queued', 'sent', 'in_progress'].includes(state);

/** One self-test: how far it is, what came out, and its log. */
export function RunCard({ run, zone, title }: { run: Run; zone: string; title: ReactNode }) {
  const { text, formats } = useI18n();
  const t = text.console;
  const result = isObject(run.result) ? Object.entries(run.result) : [];
  return (
    <article className="term" data-run={run.verdict ?? run.state}>
      <div className="term-head">
        <strong>{title}</strong>
        <TonePill state={run.verdict ?? run.state} />
      </div>
      <div className="dim">
        {run.title} · {formats.dateTime(run.createdAt, zone)} {formats.zone(zone, run.createdAt)} · {run.requestedBy}
      </div>
      {runOpen(run) && (
        <Meter
          share={(run.progressPercent ?? 0) / 100}
          label={run.progressStep ?? t.states[run.state] ?? run.state}
          value={`${run.progressPercent ?? 0} %`}
        />
      )}
      {(run.reasonDescription ?? run.reasonCode) && <p className="warn">{run.reasonDescription ?? run.reasonCode}</p>}
      {result.length > 0 && (
        <div className="tags" style={{ margin: '8px 0' }}>
          {result.map(([key, value]) => (
            <span key={key} className="tag">
              {key.replaceAll('_', ' ')}: <b className={value === 'fail' ? 'bad' : 'good'}>{String(value)}</b>
            </span>
          ))}
        </div>
      )}
      {run.log.length > 0 && (
        <details open={runOpen(run)}>
          <summary>{t.log(run.log.length)}</summary>
          <pre className="payload">{run.log.join('\n')}</pre>
        </details>
      )}
    </article>
  );
}
