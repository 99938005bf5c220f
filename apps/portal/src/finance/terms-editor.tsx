import { ActionIcon, Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Card } from '../frame/page.js';
import { unitName } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { Swatch } from '../parts/category.js';
import {
  type ChargeDraft,
  type CountsAs,
  emptyCharge,
  emptyGuarantee,
  type Faults,
  type GuaranteeDraft,
  ruledCategories,
  type TermsDraft,
} from './terms-draft.js';

export interface MeterChoice {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
}

interface EditorProps {
  readonly draft: TermsDraft;
  readonly faults: Faults;
  readonly meters: readonly MeterChoice[];
  readonly onChange: (next: TermsDraft) => void;
}

const replaced = <T,>(list: readonly T[], index: number, value: T): T[] =>
  list.map((each, i) => (i === index ? value : each));
const without = <T,>(list: readonly T[], index: number): T[] => list.filter((_, i) => i !== index);

function Remove({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={onClick}>
      <IconTrash size={17} />
    </ActionIcon>
  );
}

function Field({
  path,
  faults,
  value,
  onChange,
  label,
  aria,
  suffix,
}: {
  path: string;
  faults: Faults;
  value: string;
  onChange: (value: string) => void;
  label?: string;
  aria?: string;
  suffix?: ReactNode;
}) {
  return (
    <TextInput
      {...(label ? { label } : {})}
      aria-label={aria}
      value={value}
      error={faults[path]}
      onChange={(event) => onChange(event.currentTarget.value)}
      rightSection={suffix && <span className="dim">{suffix}</span>}
      rightSectionWidth={suffix ? 52 : undefined}
      inputMode={suffix ? 'decimal' : undefined}
      styles={suffix ? { input: { textAlign: 'right', fontVariantNumeric: 'tabular-nums' } } : {}}
    />
  );
}

function ChargeEditor({
  charge,
  index,
  currency,
  faults,
  meters,
  onChange,
  onRemove,
}: {
  charge: ChargeDraft;
  index: number;
  currency: string;
  faults: Faults;
  meters: readonly MeterChoice[];
  onChange: (next: ChargeDraft) => void;
  onRemove: () => void;
}) {
  const { text, formats } = useI18n();
  const t = text.terms;
  const at = `charges.${index}`;
  const unit = unitName(charge.unit) || t.unit;
  const set = (change: Partial<ChargeDraft>) => onChange({ ...charge, ...change });
  const tierSet = (j: number, change: Partial<ChargeDraft['tiers'][number]>) => {
    const tier = charge.tiers[j];
    if (tier) set({ tiers: replaced(charge.tiers, j, { ...tier, ...change }) });
  };
  return (
    <fieldset className="term">
      <div className="term-head">
        <legend className="strong" style={{ padding: 0 }}>
          {charge.description || (charge.kind === 'recurring' ? t.recurring : t.usage)}
        </legend>
        <Remove label={t.remove(charge.description || charge.key)} onClick={onRemove} />
      </div>
      <div className="fields">
        <Field
          path={`${at}.description`}
          faults={faults}
          label={t.description}
          value={charge.description}
          onChange={(description) => set({ description })}
        />
        <Field path={`${at}.key`} faults={faults} label={t.key} value={charge.key} onChange={(key) => set({ key })} />
        {charge.kind === 'recurring' ? (
          <>
            <Field
              path={`${at}.amount`}
              faults={faults}
              label={t.amount}
              value={charge.amount}
              onChange={(amount) => set({ amount })}
              suffix={currency}
            />
            <Select
              label={t.per}
              value={charge.per}
              onChange={(per) => set({ per: per === 'contract' ? 'contract' : 'asset' })}
              data={[
                { value: 'asset', label: t.perAsset },
                { value: 'contract', label: t.perContract },
              ]}
            />
          </>
        ) : (
          <>
            <Select
              label={t.meter}
              value={charge.meter || null}
              error={faults[`${at}.meter`]}
              onChange={(name) => {
                const meter = meters.find((each) => each.name === name);
                if (meter) set({ meter: meter.name, unit: meter.unit });
              }}
              data={meters.map((meter) => ({ value: meter.name, label: `${meter.title} (${unitName(meter.unit)})` }))}
            />
            <Select
              label={t.price}
              value={charge.priceModel}
              onChange={(priceModel) => set({ priceModel: priceModel === 'graduated' ? 'graduated' : 'per_unit' })}
              data={[
                { value: 'per_unit', label: t.perUnit },
                { value: 'graduated', label: t.graduated },
              ]}
            />
            {charge.priceModel === 'per_unit' ? (
              <Field
                path={`${at}.unitPrice`}
                faults={faults}
                label={t.unitPrice(unit)}
                value={charge.unitPrice}
                onChange={(unitPrice) => set({ unitPrice })}
                suffix={currency}
              />
            ) : (
              <Select
                label={t.pooling}
                value={charge.pooling}
                onChange={(pooling) => set({ pooling: pooling === 'asset' ? 'asset' : 'contract' })}
                data={[
                  { value: 'contract', label: t.poolContract },
                  { value: 'asset', label: t.poolAsset },
                ]}
              />
            )}
          </>
        )}
      </div>
      {charge.kind === 'usage' && charge.priceModel === 'graduated' && (
        <>
          <table className="edit">
            <thead>
              <tr>
                <th>{t.from}</th>
                <th>{`${t.to} (${unit})`}</th>
                <th>{t.unitPrice(unit)}</th>
                <th>
                  <span className="sr-only">{t.remove(t.tier(0))}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {charge.tiers.map((tier, j) => {
                const last = j === charge.tiers.length - 1;
                const from = j === 0 ? '0' : (charge.tiers[j - 1]?.upTo ?? '');
                return (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a tier is its place in the order.
                  <tr key={j}>
                    <td className="num" style={{ paddingTop: 11 }}>
                      {/^\d+(\.\d+)?$/.test(from) ? formats.decimal(from) : '–'}
                    </td>
                    <td>
                      {last ? (
                        <div className="dim" style={{ paddingTop: 7 }}>
                          {t.andMore}
                        </div>
                      ) : (
                        <Field
                          path={`${at}.tiers.${j}.upTo`}
                          faults={faults}
                          aria={`${t.tier(j + 1)}: ${t.to}`}
                          value={tier.upTo}
                          onChange={(upTo) => tierSet(j, { upTo })}
                          suffix={unit}
                        />
                      )}
                    </td>
                    <td>
                      <Field
                        path={`${at}.tiers.${j}.unitPrice`}
                        faults={faults}
                        aria={`${t.tier(j + 1)}: ${t.unitPrice(unit)}`}
                        value={tier.unitPrice}
                        onChange={(unitPrice) => tierSet(j, { unitPrice })}
                        suffix={currency}
                      />
                    </td>
                    <td>
                      {charge.tiers.length > 1 && !last && (
                        <Remove
                          label={t.remove(t.tier(j + 1))}
                          onClick={() => set({ tiers: without(charge.tiers, j) })}
                        />
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={14} />}
            onClick={() =>
              set({
                tiers: [
                  ...charge.tiers.slice(0, -1),
                  { upTo: '', unitPrice: '' },
                  charge.tiers.at(-1) ?? { upTo: '', unitPrice: '' },
                ],
              })
            }
          >
            {t.addTier}
          </Button>
        </>
      )}
    </fieldset>
  );
}

function GuaranteeEditor({
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
  const bandSet = (j: number, change: Partial<GuaranteeDraft['bands'][number]>) => {
    const band = guarantee.bands[j];
    if (band) set({ bands: replaced(guarantee.bands, j, { ...band, ...change }) });
  };
  const modes = (['excluded', 'up', 'down'] as const).map((value) => ({
    value,
    label: t.unknownModes[value] ?? value,
  }));
  return (
    <fieldset className="term">
      <div className="term-head">
        <legend className="strong" style={{ padding: 0 }}>
          {guarantee.description || t.guarantee}
        </legend>
        <Remove label={t.remove(guarantee.description || t.guarantee)} onClick={onRemove} />
      </div>
      <div className="fields">
        <Field
          path={`${at}.description`}
          faults={faults}
          label={t.description}
          value={guarantee.description}
          onChange={(description) => set({ description })}
        />
        <Field
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
        <Field
          path={`${at}.capPercent`}
          faults={faults}
          label={t.cap}
          value={guarantee.capPercent}
          onChange={(capPercent) => set({ capPercent })}
          suffix="%"
        />
      </div>
      <table className="edit">
        <thead>
          <tr>
            <th>{t.below}</th>
            <th>{t.credit}</th>
            <th>
              <span className="sr-only">{t.remove(t.band(0))}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {guarantee.bands.map((band, j) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a band is its place in the order.
            <tr key={j}>
              <td>
                <Field
                  path={`${at}.bands.${j}.below`}
                  faults={faults}
                  aria={`${t.band(j + 1)}: ${t.below}`}
                  value={band.below}
                  onChange={(below) => bandSet(j, { below })}
                  suffix="%"
                />
              </td>
              <td>
                <Field
                  path={`${at}.bands.${j}.creditPercent`}
                  faults={faults}
                  aria={`${t.band(j + 1)}: ${t.credit}`}
                  value={band.creditPercent}
                  onChange={(creditPercent) => bandSet(j, { creditPercent })}
                  suffix="%"
                />
              </td>
              <td>
                {guarantee.bands.length > 1 && (
                  <Remove label={t.remove(t.band(j + 1))} onClick={() => set({ bands: without(guarantee.bands, j) })} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<IconPlus size={14} />}
        onClick={() => set({ bands: [...guarantee.bands, { below: '', creditPercent: '' }] })}
      >
        {t.addBand}
      </Button>
      <div className="fields" style={{ margin: '12px 0' }}>
        <Select
          label={t.unknown}
          value={guarantee.unknownMode}
          onChange={(mode) => set({ unknownMode: (mode ?? 'excluded') as GuaranteeDraft['unknownMode'] })}
          data={[...modes, { value: 'last_state_for', label: t.unknownModes.last_state_for ?? '' }]}
        />
        {guarantee.unknownMode === 'last_state_for' && (
          <>
            <Field
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
      <details>
        <summary className="dim" style={{ cursor: 'pointer', padding: '4px 0' }}>
          {t.categories}
        </summary>
        {ruledCategories.map((category) => (
          <div key={category} className="pair">
            <span style={{ display: 'inline-flex', alignItems: 'center', gap: 6 }}>
              <Swatch category={category} />
              {text.category[category]}
            </span>
            <SegmentedControl
              size="xs"
              aria-label={text.category[category]}
              value={guarantee.countsAs[category]}
              onChange={(value) => set({ countsAs: { ...guarantee.countsAs, [category]: value as CountsAs } })}
              data={(['up', 'down', 'excluded'] as const).map((value) => ({
                value,
                label: t.countsAs[value] ?? value,
              }))}
            />
          </div>
        ))}
      </details>
    </fieldset>
  );
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
