import { Button, Drawer } from '@mantine/core';
import { IconChevronLeft } from '@tabler/icons-react';
import { useState } from 'react';
import type { LineEvidence, StatementLine } from '../api/operations/statements.js';
import { useI18n } from '../i18n/i18n.js';
import { sum } from './bill.js';
import { EvidenceIntervals } from './evidence-intervals.js';
import type { EvidenceMachine, EvidenceSpan } from './evidence-list.js';
import { EvidenceMessages } from './evidence-messages.js';
import { EvidenceWindows } from './evidence-windows.js';

interface EvidenceProps {
  readonly statementId: string;
  readonly line: StatementLine;
  readonly evidence: LineEvidence;
  readonly onClose: () => void;
}

/** From a line to its machines, their windows or intervals, and at last the messages: each level paged. */
export function Evidence({ statementId, line, evidence, onClose }: EvidenceProps) {
  const { text, formats } = useI18n();
  const t = text.statement;
  const machines = evidence.assets.map(({ asset, quantity, windowCount }) => ({
    id: asset.id,
    name: asset.name,
    zone: asset.site.timeZone,
    quantity,
    windowCount,
  }));
  const only = machines.length === 1 ? machines[0] : undefined;
  const [machine, setMachine] = useState<EvidenceMachine | undefined>(only);
  const [span, setSpan] = useState<EvidenceSpan | undefined>();
  const byWindow = evidence.windowCount > 0;
  const unit = machines[0]?.quantity?.unit;
  const quantities = machines.flatMap(({ quantity }) => (quantity && quantity.unit === unit ? [quantity.value] : []));
  const title =
    span && machine
      ? t.messagesOf(machine.name)
      : machine
        ? byWindow
          ? t.windowsOf(machine.name)
          : t.intervalsOf(machine.name)
        : t.byMachine;
  const back = span ? () => setSpan(undefined) : machine && !only ? () => setMachine(undefined) : undefined;
  return (
    <Drawer
      opened
      onClose={onClose}
      size={760}
      title={`${t.evidence}: ${line.description}`}
      closeButtonProps={{ 'aria-label': text.table.close }}
    >
      <div className="card-head">
        <h2 className="page-actions" style={{ alignItems: 'center', margin: 0, fontSize: 15 }}>
          {back && (
            <Button size="compact-sm" variant="default" leftSection={<IconChevronLeft size={14} />} onClick={back}>
              {t.back}
            </Button>
          )}
          {title}
          {span && <span className="dim">{span.label}</span>}
        </h2>
      </div>
      {span && machine ? (
        <EvidenceMessages statementId={statementId} line={line} machine={machine} span={span} />
      ) : machine ? (
        byWindow ? (
          <EvidenceWindows statementId={statementId} line={line} machine={machine} onOpen={setSpan} />
        ) : (
          <EvidenceIntervals statementId={statementId} line={line} machine={machine} onOpen={setSpan} />
        )
      ) : (
        <table className="data">
          <thead>
            <tr>
              <th>{text.overview.machine}</th>
              <th className="end">{t.quantity}</th>
              <th className="end">{t.windowsHead}</th>
            </tr>
          </thead>
          <tbody>
            {machines.map((each) => (
              <tr key={each.id} className="row-link pick" onClick={() => setMachine(each)}>
                <td>
                  <button type="button" className="row-button strong">
                    {each.name}
                  </button>
                </td>
                <td className="end">{each.quantity && formats.quantity(each.quantity)}</td>
                <td className="end dim">{each.windowCount > 0 && formats.count(each.windowCount)}</td>
              </tr>
            ))}
          </tbody>
          {quantities.length === machines.length && unit && (
            <tfoot>
              <tr>
                <td>{t.sum}</td>
                <td className="end">{formats.quantity({ value: sum(quantities), unit })}</td>
                <td />
              </tr>
            </tfoot>
          )}
        </table>
      )}
    </Drawer>
  );
}
