import { usePages } from '../api/client.js';
import { evidenceIntervalsQuery } from '../api/operations/statements.js';
import { useI18n } from '../i18n/i18n.js';
import { Swatch } from '../parts/category.js';
import { type EvidenceLevel, EvidenceList, emptyPage, evidencePageSize, MessagesButton } from './evidence-list.js';

/** The timeline of one machine as a line saw it. */
export function EvidenceIntervals({ statementId, line, machine, onOpen }: EvidenceLevel) {
  const { text, formats } = useI18n();
  const t = text.statement;
  const list = usePages(
    evidenceIntervalsQuery,
    { id: statementId, assetId: machine.id, first: evidencePageSize },
    (r) => r.statement?.lines.find((each) => each.id === line.id)?.evidence.intervals ?? emptyPage,
  );
  return (
    <EvidenceList
      list={list}
      none={t.noWindows}
      head={
        <tr>
          <th>{`${t.interval} (${formats.zone(machine.zone, line.periodFrom)})`}</th>
          <th>{t.category}</th>
          <th className="end">{text.machine.duration}</th>
          <th className="end">{t.messagesHead}</th>
        </tr>
      }
    >
      {list.nodes.map(({ interval }) => {
        const label = `${formats.dayTime(interval.from, machine.zone)} – ${formats.time(interval.to, machine.zone)}`;
        return (
          <tr key={interval.from} className="row-link">
            <td className="num">{label}</td>
            <td>
              <Swatch category={interval.category} /> {text.category[interval.category]}
              <span className="cell-sub">{interval.detail}</span>
            </td>
            <td className="end">{formats.duration(Date.parse(interval.to) - Date.parse(interval.from))}</td>
            <td className="end">
              <MessagesButton
                count={interval.evidence.messages}
                span={{ from: interval.from, to: interval.to, label }}
                onOpen={onOpen}
              />
            </td>
          </tr>
        );
      })}
    </EvidenceList>
  );
}
