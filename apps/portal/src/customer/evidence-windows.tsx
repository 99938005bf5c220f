import { usePages } from '../api/client.js';
import { evidenceWindowsQuery } from '../api/operations/statements.js';
import { useI18n } from '../i18n/i18n.js';
import { type EvidenceLevel, EvidenceList, emptyPage, evidencePageSize, MessagesButton } from './evidence-list.js';

const hourMs = 3_600_000;

/** The hourly quantities of one machine that a line sums. */
export function EvidenceWindows({ statementId, line, machine, onOpen }: EvidenceLevel) {
  const { text, formats } = useI18n();
  const t = text.statement;
  const list = usePages(
    evidenceWindowsQuery,
    { id: statementId, assetId: machine.id, first: evidencePageSize },
    (r) => r.statement?.lines.find((each) => each.id === line.id)?.evidence.windows ?? emptyPage,
  );
  return (
    <EvidenceList
      list={list}
      none={t.noWindows}
      head={
        <tr>
          <th>{`${t.hour} (${formats.zone(machine.zone, line.periodFrom)})`}</th>
          <th className="end">{t.quantity}</th>
          <th>{t.quality}</th>
          <th>{t.readings}</th>
          <th className="end">{t.messagesHead}</th>
        </tr>
      }
    >
      {list.nodes.map((window) => {
        const label = formats.dayTime(window.hour, machine.zone);
        const to = new Date(Date.parse(window.hour) + hourMs).toISOString();
        return (
          <tr key={window.hour} className="row-link">
            <td className="num">{label}</td>
            <td className="end strong">{formats.quantity(window.quantity)}</td>
            <td>
              <span className={window.quality === 'measured' ? 'good' : 'warn'}>
                {text.quality[window.quality] ?? window.quality}
              </span>
              {window.version > 1 && <span className="cell-sub">{t.version(window.version)}</span>}
            </td>
            <td className="num">
              {window.fromReading && window.toReading ? (
                <>
                  {`${formats.decimal(window.fromReading.value)} → ${formats.decimal(window.toReading.value)}`}
                  <span className="cell-sub mono">{`${window.fromReading.boot}·${window.fromReading.seq} → ${window.toReading.boot}·${window.toReading.seq}`}</span>
                </>
              ) : (
                <span className="dim">–</span>
              )}
            </td>
            <td className="end">
              <MessagesButton count={window.messages} span={{ from: window.hour, to, label }} onOpen={onOpen} />
            </td>
          </tr>
        );
      })}
    </EvidenceList>
  );
}
