import type { DeviceRow } from '../../api/operations/fleet.js';
import { useI18n } from '../../i18n/i18n.js';
import { TonePill } from '../parts/tone-pill.js';

export function Connection({ device }: { device: Pick<DeviceRow, 'connected' | 'presenceState'> }) {
  const { devices, console: t } = useI18n().text;
  const state = device.connected ? 'connected' : device.presenceState;
  return (
    <TonePill
      state={state}
      label={state === 'connected' ? devices.connected : state === 'sleeping' ? t.sleeping : devices.notConnected}
    />
  );
}

/** A connected device is seen with each message it sends. */
export const lastSeen = (device: Pick<DeviceRow, 'lastSeenAt' | 'lastMessageStoredAt'>): string | null =>
  [device.lastSeenAt, device.lastMessageStoredAt]
    .filter((at) => at !== null)
    .sort()
    .at(-1) ?? null;

export function Tags({ tags }: { tags: DeviceRow['tags'] }) {
  if (tags.length === 0) return <span className="dim">–</span>;
  return (
    <span className="tags">
      {tags.map(({ key, value }) => (
        <span key={key} className="tag">{`${key}: ${value}`}</span>
      ))}
    </span>
  );
}
