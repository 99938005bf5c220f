import { Select } from '@mantine/core';
import { useI18n } from '../i18n/i18n.js';
import { BandsEditor } from './bands-editor.js';
import { CountingRules } from './counting-rules.js';
import { TermFrame } from './term-frame.js';
import type { ChargeDraft, Faults, GuaranteeDraft } from './terms-draft.js';
import { TermsField } from './terms-field.js';

/** What is guaranteed, what is credited below it, and how time is counted. */
export function GuaranteeEditor({
  guarantee,
  index,
  fees,
  faults,
  onChange,
  onRemove,
}: {
  guarantee: GuaranteeDraft;
  index: number;
  fees: readonly ChargeDraft[];
  faults: Faults;
  onChange: (next: GuaranteeDraft) => void;
  onRemove: () => void;
}) {
  const { text } = useI18n();
  const t = text.terms;
  const at = `guarantees.${index}`;
  const set = (change: Partial<GuaranteeDraft>) => onChange({ ...guarantee, ...change });
  const modes = (['excluded', 'up', 'down'] as const).map((value) => ({
    value,
    label: t.unknownModes[value] ?? value,
  }));
  return (
    <TermFrame
      title={guarantee.description || t.guarantee}
      name={guarantee.description || t.guarantee}
      onRemove={onRemove}
    >
      <div className="fields">
        <TermsField
          path={`${at}.description`}
          faults={faults}
          label={t.description}
          value={guarantee.description}
          onChange={(description) => set({ description })}
        />
        <TermsField
          path={`${at}.target`}
          faults={faults}
          label={t.target}
          value={guarantee.target}
          onChange={(target) => set({ target })}
          suffix="%"
        />
        <Select
          label={t.basis}
          value={guarantee.basis || null}
          error={faults[`${at}.basis`]}
          onChange={(basis) => basis && set({ basis })}
          data={fees.map((fee) => ({ value: fee.key, label: fee.description || fee.key }))}
        />
        <TermsField
          path={`${at}.capPercent`}
          faults={faults}
          label={t.cap}
          value={guarantee.capPercent}
          onChange={(capPercent) => set({ capPercent })}
          suffix="%"
        />
      </div>
      <BandsEditor path={`${at}.bands`} bands={guarantee.bands} faults={faults} onChange={(bands) => set({ bands })} />
      <div className="fields wide" style={{ margin: '12px 0' }}>
        <Select
          label={t.unknown}
          value={guarantee.unknownMode}
          onChange={(mode) => set({ unknownMode: (mode ?? 'excluded') as GuaranteeDraft['unknownMode'] })}
          data={[...modes, { value: 'last_state_for', label: t.unknownModes.last_state_for ?? '' }]}
        />
        {guarantee.unknownMode === 'last_state_for' && (
          <>
            <TermsField
              path={`${at}.unknownMinutes`}
              faults={faults}
              label={t.minutes}
              value={guarantee.unknownMinutes}
              onChange={(unknownMinutes) => set({ unknownMinutes })}
              suffix="min"
            />
            <Select
              label={t.then}
              value={guarantee.unknownThen}
              onChange={(then) => set({ unknownThen: (then ?? 'excluded') as GuaranteeDraft['unknownThen'] })}
              data={modes}
            />
          </>
        )}
        <Select
          label={t.degraded}
          value={guarantee.degraded}
          onChange={(degraded) => set({ degraded: degraded === 'as_up' ? 'as_up' : 'by_fraction' })}
          data={[
            { value: 'by_fraction', label: t.byFraction },
            { value: 'as_up', label: t.asUp },
          ]}
        />
        <Select
          label={t.exclusions}
          value={guarantee.exclusions}
          onChange={(exclusions) => set({ exclusions: exclusions === 'counted_as_up' ? 'counted_as_up' : 'removed' })}
          data={[
            { value: 'removed', label: t.removed },
            { value: 'counted_as_up', label: t.countedAsUp },
          ]}
        />
      </div>
      <CountingRules countsAs={guarantee.countsAs} onChange={(countsAs) => set({ countsAs })} />
    </TermFrame>
  );
}
