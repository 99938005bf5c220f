import type { ReactNode } from 'react';
import { useText } from '../i18n/i18n.js';
import { RemoveButton } from './remove-button.js';

interface TermFrameProps {
  readonly title: string;
  /** What removing it is called by. */
  readonly name: string;
  readonly onRemove: () => void;
  readonly children: ReactNode;
}

/** A part of the terms as a box of fields that can be taken out. */
export function TermFrame({ title, name, onRemove, children }: TermFrameProps) {
  const t = useText().terms;
  return (
    <fieldset className="term">
      <div className="term-head">
        <legend className="strong" style={{ padding: 0 }}>
          {title}
        </legend>
        <RemoveButton label={t.remove(name)} onClick={onRemove} />
      </div>
      {children}
    </fieldset>
  );
}
