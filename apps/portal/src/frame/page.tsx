import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { useText } from '../i18n/i18n.js';

interface PageHeadProps {
  /** The answer to the reader's question, from the data. */
  readonly title: ReactNode;
  /** Tab title when the heading is not plain text. */
  readonly tab: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
}

export function PageHead({ title, tab, lead, actions }: PageHeadProps) {
  const { appName } = useText();
  useEffect(() => {
    document.title = `${tab} · ${appName}`;
  }, [tab, appName]);
  return (
    <div className="page-head">
      <div style={{ minWidth: 0 }}>
        <h1>{title}</h1>
        {lead && <p>{lead}</p>}
      </div>
      {actions && <div className="page-actions no-print">{actions}</div>}
    </div>
  );
}

interface CardProps {
  readonly title?: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
  readonly label?: string;
}

export function Card({ title, aside, children, className, label }: CardProps) {
  return (
    <section className={`card${className ? ` ${className}` : ''}`} aria-label={label}>
      {aside ? (
        <div className="card-head">
          <h2>{title}</h2>
          {aside}
        </div>
      ) : (
        title && <h2>{title}</h2>
      )}
      {children}
    </section>
  );
}

export function Stat({
  label,
  value,
  small,
  note,
}: {
  label: ReactNode;
  value: ReactNode;
  small?: ReactNode;
  note?: ReactNode;
}) {
  return (
    <section className="card stat">
      <div className="label">{label}</div>
      <div className="value">
        {value}
        {small && <small>{small}</small>}
      </div>
      {note && <div className="note">{note}</div>}
    </section>
  );
}
