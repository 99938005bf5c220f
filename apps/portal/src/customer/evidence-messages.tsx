import { usePages } from '../api/client.js';
import { evidenceMessagesQuery } from '../api/operations/statements.js';
import { unitName } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { EvidenceList, type EvidencePlace, type EvidenceSpan, emptyPage, evidencePageSize } from './evidence-list.js';

/** The messages of one machine in a time, by boot and sequence number. */
export function EvidenceMessages({ statementId, line, machine, span }: EvidencePlace & { span: EvidenceSpan }) {
  const { text, formats } = useI18n();
  const t = text.statement;
  const list = usePages(
    evidenceMessagesQuery,
    { id: statementId, assetId: machine.id, from: span.from, to: span.to, first: evidencePageSize },
    (r) => r.statement?.lines.find((each) => each.id === line.id)?.evidence.messages ?? emptyPage,
  );
  return (
    <EvidenceList
      list={list}
      none={t.noMessages}
      head={
        <tr>
          <th>{`${t.time} (${formats.zone(machine.zone, span.from)})`}</th>
          <th>{t.identity}</th>
          <th>{t.values}</th>
          <th className="end">{t.stored}</th>
        </tr>
      }
    >
      {list.nodes.map((message) => (
        <tr key={`${message.thingName}/${message.boot}/${message.seq}`} data-message={`${message.boot}/${message.seq}`}>
          <td className="num">{`${formats.dayShort(message.at, machine.zone)} ${formats.timeSeconds(message.at, machine.zone)}`}</td>
          <td>
            <span className="mono">{`${message.boot} · ${message.seq}`}</span>
            <span className="cell-sub">{message.thingName}</span>
          </td>
          <td>
            {message.values
              .filter((value) => value.value !== null)
              .map((value) => (
                <span key={value.metric} className="nowrap" style={{ display: 'inline-block', marginRight: 10 }}>
                  <span className="dim">{value.metric}</span>{' '}
                  <span className="num">{`${formats.decimal(value.value ?? 0)} ${unitName(value.unit)}`}</span>
                </span>
              ))}
          </td>
          <td className="end dim">{`${formats.dayShort(message.storedAt, machine.zone)} ${formats.timeSeconds(message.storedAt, machine.zone)}`}</td>
        </tr>
      ))}
    </EvidenceList>
  );
}
