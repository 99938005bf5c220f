import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Card } from '../frame/page.js';
import { useI18n } from '../i18n/i18n.js';
import { ChargeEditor, type MeterChoice } from './charge-editor.js';
import { GuaranteeEditor } from './guarantee-editor.js';
import {
  type ChargeDraft,
  emptyCharge,
  emptyGuarantee,
  type Faults,
  replaced,
  type TermsDraft,
  without,
} from './terms-draft.js';

interface EditorProps {
  readonly draft: TermsDraft;
  readonly faults: Faults;
  readonly meters: readonly MeterChoice[];
  readonly onChange: (next: TermsDraft) => void;
}

/** Charges and guarantees as fields; what is wrong is said beside the field as one types. */
export function TermsEditor({ draft, faults, meters, onChange }: EditorProps) {
  const { text } = useI18n();
  const t = text.terms;
  const fees = draft.charges.filter((charge) => charge.kind === 'recurring' && charge.per === 'asset');
  const keys = draft.charges.map((charge) => charge.key);
  const add = (kind: ChargeDraft['kind']) =>
    onChange({ ...draft, charges: [...draft.charges, emptyCharge(kind, keys)] });
  return (
    <>
      <Card title={t.charges}>
        {faults.charges && <p className="bad">{faults.charges}</p>}
        {draft.charges.map((charge, index) => (
          <ChargeEditor
            key={charge.id}
            charge={charge}
            index={index}
            currency={draft.currency}
            faults={faults}
            meters={meters}
            onChange={(next) => onChange({ ...draft, charges: replaced(draft.charges, index, next) })}
            onRemove={() => onChange({ ...draft, charges: without(draft.charges, index) })}
          />
        ))}
        <div className="page-actions">
          <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => add('recurring')}>
            {t.addRecurring}
          </Button>
          <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => add('usage')}>
            {t.addUsage}
          </Button>
        </div>
      </Card>
      <Card title={t.guarantee}>
        {draft.guarantees.length === 0 && <p className="dim">{t.noGuarantee}</p>}
        {draft.guarantees.map((guarantee, index) => (
          <GuaranteeEditor
            key={guarantee.key}
            guarantee={guarantee}
            index={index}
            fees={fees}
            faults={faults}
            onChange={(next) => onChange({ ...draft, guarantees: replaced(draft.guarantees, index, next) })}
            onRemove={() => onChange({ ...draft, guarantees: without(draft.guarantees, index) })}
          />
        ))}
        {draft.guarantees.length === 0 && (
          <Button
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() => onChange({ ...draft, guarantees: [emptyGuarantee(fees[0]?.key ?? '')] })}
          >
            {t.addGuarantee}
          </Button>
        )}
      </Card>
    </>
  );
}
