import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useI18n } from '../i18n/i18n.js';
import { RemoveButton } from './remove-button.js';
import { type BandDraft, type Faults, replaced, without } from './terms-draft.js';
import { TermsField } from './terms-field.js';

/** Bands below the guarantee and what each credits. */
export function BandsEditor({
  path,
  bands,
  faults,
  onChange,
}: {
  path: string;
  bands: readonly BandDraft[];
  faults: Faults;
  onChange: (next: readonly BandDraft[]) => void;
}) {
  const t = useI18n().text.terms;
  const set = (j: number, change: Partial<BandDraft>) => {
    const band = bands[j];
    if (band) onChange(replaced(bands, j, { ...band, ...change }));
  };
  return (
    <>
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
          {bands.map((band, j) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a band is its place in the order.
            <tr key={j}>
              <td>
                <TermsField
                  path={`${path}.${j}.below`}
                  faults={faults}
                  aria={`${t.band(j + 1)}: ${t.below}`}
                  value={band.below}
                  onChange={(below) => set(j, { below })}
                  suffix="%"
                />
              </td>
              <td>
                <TermsField
                  path={`${path}.${j}.creditPercent`}
                  faults={faults}
                  aria={`${t.band(j + 1)}: ${t.credit}`}
                  value={band.creditPercent}
                  onChange={(creditPercent) => set(j, { creditPercent })}
                  suffix="%"
                />
              </td>
              <td>
                {bands.length > 1 && (
                  <RemoveButton label={t.remove(t.band(j + 1))} onClick={() => onChange(without(bands, j))} />
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
        onClick={() => onChange([...bands, { below: '', creditPercent: '' }])}
      >
        {t.addBand}
      </Button>
    </>
  );
}
