import { Alert } from '@mantine/core';
import type { TargetPreview } from '../../api/operations/fleet.js';
import { useText } from '../../i18n/i18n.js';

const shownAtMost = 50;

interface LeftOutProps {
  readonly leftOut: readonly { readonly id: string; readonly reason: string }[];
  readonly preview: TargetPreview;
}

/** Who took no part, and why. */
export function LeftOut({ leftOut, preview }: LeftOutProps) {
  const t = useText().console.bulk;
  if (leftOut.length === 0) return null;
  const name = (id: string) => preview.devices.find((device) => device.id === id)?.thingName ?? id;
  return (
    <Alert color="yellow" variant="light" role="status">
      {t.leftOut(leftOut.length)}
      <ul style={{ margin: '6px 0 0', paddingLeft: 18 }}>
        {leftOut.slice(0, shownAtMost).map(({ id, reason }) => (
          <li key={id}>
            <b>{name(id)}</b>: {reason}
          </li>
        ))}
      </ul>
    </Alert>
  );
}
