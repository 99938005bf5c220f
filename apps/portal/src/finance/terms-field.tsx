import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Faults } from './terms-draft.js';

/** One field of the terms; what is wrong with it is said below it. */
export function TermsField({
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
