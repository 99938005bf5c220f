import type { ReactNode, Ref } from 'react';

interface ScrollBoxProps {
  readonly label: string;
  /** As high as its content. */
  readonly free?: boolean;
  readonly ref?: Ref<HTMLElement>;
  readonly children: ReactNode;
}

/** Where a table may be wider or longer than the page has room for. */
export function ScrollBox({ label, free, ref, children }: ScrollBoxProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard (WCAG 2.1.1).
    <section className={`table-box${free ? ' free' : ''}`} aria-label={label} tabIndex={0} ref={ref}>
      {children}
    </section>
  );
}
