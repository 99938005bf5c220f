import { Tooltip } from '@mantine/core';
import { useText } from '../../i18n/i18n.js';

/** Beside a device that AWS IoT does not have as it is here: why is said on hover, on focus and to readers. */
export function AwsMark({ problem }: { problem: string | null }) {
  const t = useText().console;
  if (problem === null) return null;
  return (
    <Tooltip label={problem} multiline w={320} events={{ hover: true, focus: true, touch: true }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the reason must be reachable by the keyboard. */}
      <span className="pill bad-pill" tabIndex={0} role="note" aria-label={`${t.aws}: ${problem}`}>
        <i style={{ background: 'var(--c-vendor_down)' }} />
        {t.aws}
      </span>
    </Tooltip>
  );
}
