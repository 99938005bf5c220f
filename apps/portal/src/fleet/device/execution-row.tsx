import { Button } from '@mantine/core';
import { useWrite } from '../../api/client.js';
import { cancelCommand, type Execution } from '../../api/operations/commands.js';
import { useMay } from '../../frame/viewer.js';
import { useI18n } from '../../i18n/i18n.js';
import { isObject } from '../parts/json.js';
import { Meter } from '../parts/meter.js';
import { TonePill } from '../parts/tone-pill.js';

export const isOpen = ({ state }: Pick<Execution, 'state'>): boolean =>
  ['queued', 'sent', 'in_progress'].includes(state);

const plain = (value: unknown): string =>
  isObject(value)
    ? Object.entries(value)
        .map(([key, each]) => `${key}: ${typeof each === 'string' ? each : JSON.stringify(each)}`)
        .join(' · ')
    : '';

export function ExecutionRow({ execution: e, zone }: { execution: Execution; zone: string }) {
  const { text, formats } = useI18n();
  const t = text.console;
  const may = useMay();
  const cancel = useWrite(cancelCommand, ['DeviceCommands']);
  return (
    <article className="term" data-execution={e.command}>
      <div className="term-head">
        <strong>{e.title}</strong>
        <span className="actions">
          {e.state === 'queued' && may('commands:write') && (
            <Button
              size="compact-sm"
              variant="default"
              loading={cancel.isPending}
              onClick={() => cancel.mutate({ id: e.id })}
            >
              {t.commands.cancel}
            </Button>
          )}
          <TonePill state={e.state} />
        </span>
      </div>
      <div className="dim">
        {formats.dateTime(e.createdAt, zone)} {formats.zone(zone, e.createdAt)} · {e.requestedBy}
        {plain(e.arguments) && ` · ${plain(e.arguments)}`}
      </div>
      {isOpen(e) && e.progressPercent !== null && (
        <Meter
          share={e.progressPercent / 100}
          label={e.progressStep ?? t.states.in_progress ?? ''}
          value={`${e.progressPercent} %`}
        />
      )}
      {(e.reasonDescription ?? e.reasonCode) && <p className="warn">{e.reasonDescription ?? e.reasonCode}</p>}
      {plain(e.result) && <p style={{ margin: '6px 0' }}>{plain(e.result)}</p>}
      {e.resultFaults.length > 0 && (
        <p className="warn">{e.resultFaults.map(({ field, rule }) => `${field}: ${rule}`).join(' · ')}</p>
      )}
      {e.log.length > 0 && (
        <details>
          <summary>{t.log(e.log.length)}</summary>
          <pre className="payload">{e.log.join('\n')}</pre>
        </details>
      )}
    </article>
  );
}
