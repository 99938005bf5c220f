import { Select } from '@mantine/core';
import { unitName } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { TermFrame } from './term-frame.js';
import type { ChargeDraft, Faults } from './terms-draft.js';
import { TermsField } from './terms-field.js';
import { TiersEditor } from './tiers-editor.js';

export interface MeterChoice {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
}

/** A fee or a usage price as fields. */
export function ChargeEditor({
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
  const { text } = useI18n();
  const t = text.terms;
  const at = `charges.${index}`;
  const unit = unitName(charge.unit) || t.unit;
  const set = (change: Partial<ChargeDraft>) => onChange({ ...charge, ...change });
  return (
    <TermFrame
      title={charge.description || (charge.kind === 'recurring' ? t.recurring : t.usage)}
      name={charge.description || charge.key}
      onRemove={onRemove}
    >
      <div className="fields">
        <TermsField
          path={`${at}.description`}
          faults={faults}
          label={t.description}
          value={charge.description}
          onChange={(description) => set({ description })}
        />
        <TermsField
          path={`${at}.key`}
          faults={faults}
          label={t.key}
          value={charge.key}
          onChange={(key) => set({ key })}
        />
        {charge.kind === 'recurring' ? (
          <>
            <TermsField
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
              <TermsField
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
        <TiersEditor
          path={`${at}.tiers`}
          tiers={charge.tiers}
          unit={unit}
          currency={currency}
          faults={faults}
          onChange={(tiers) => set({ tiers })}
        />
      )}
    </TermFrame>
  );
}
