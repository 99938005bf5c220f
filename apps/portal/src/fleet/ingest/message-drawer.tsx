import { Button, Drawer, Group, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useRead } from '../../api/client.js';
import type { ResultOf } from '../../api/graphql.js';
import { quarantinedMessageQuery } from '../../api/operations/quarantine.js';
import { Empty, Loaded } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import { ScrollBox } from '../../parts/scroll-box.js';

type Message = NonNullable<ResultOf<typeof quarantinedMessageQuery>['quarantinedMessage']>;

interface DrawerProps {
  readonly id: string | null;
  readonly onClose: () => void;
  readonly onOrder: (action: 'replay' | 'discard', id: string) => void;
}

/** One set-aside message: what was sent, which rule it breaks, and what became of it. */
export function MessageDrawer({ id, onClose, onOrder }: DrawerProps) {
  const { text } = useI18n();
  const t = text.quarantine;
  const read = useRead(quarantinedMessageQuery, { id: id ?? '' }, { enabled: id !== null });
  const message = read.data?.quarantinedMessage;
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      size={620}
      position="right"
      title={message ? t.inspect(message.thingName) : t.payload}
      closeButtonProps={{ 'aria-label': text.table.close }}
    >
      {id !== null && (
        <Loaded read={read} small>
          {() => (message ? <Body message={message} onOrder={onOrder} /> : <Empty small title={t.nothing} />)}
        </Loaded>
      )}
    </Drawer>
  );
}

function Body({ message, onOrder }: { message: Message; onOrder: DrawerProps['onOrder'] }) {
  const { text, formats } = useI18n();
  const t = text.quarantine;
  const may = useMay();
  const [as, setAs] = useState(message.isText ? 'text' : 'hex');
  const shown = as === 'hex' ? message.hex.length / 2 : new TextEncoder().encode(message.preview).length;
  const at = (time: string) => `${formats.dateTime(time, browserZone)} ${formats.zone(browserZone, time)}`;
  return (
    <div className="form">
      <p style={{ margin: 0 }}>
        <span className="pill">{message.reason.replaceAll('_', ' ')}</span> {message.rule}
      </p>
      <p className="dim" style={{ margin: 0 }}>
        {message.deviceId ? (
          <Link className="text-link" to={`/fleet/devices/${message.deviceId}`}>
            {message.thingName}
          </Link>
        ) : (
          message.thingName
        )}
        {message.model && ` · ${message.model.title}`} · {at(message.receivedAt)}
        <br />
        <span className="mono">{message.topic}</span>
        {message.boot !== null && (
          <>
            {' · '}
            {t.identity} <span className="mono">{`${message.boot} · ${message.seq}`}</span>
          </>
        )}
      </p>
      {message.settledAt && (
        <p style={{ margin: 0 }}>
          <strong>
            {t.settled(t.states[message.state] ?? message.state, message.settledBy ?? '–', at(message.settledAt))}
          </strong>
          {message.settledReason && <span className="cell-sub">{t.because(message.settledReason)}</span>}
        </p>
      )}
      <Group justify="space-between">
        <SegmentedControl
          size="xs"
          aria-label={t.payload}
          value={as}
          onChange={setAs}
          data={[
            { value: 'text', label: t.asText },
            { value: 'hex', label: t.asHex },
          ]}
        />
        <span className="dim">{shown < message.bytes ? t.cut(shown, message.bytes) : t.bytes(message.bytes)}</span>
      </Group>
      <ScrollBox label={t.payload}>
        <pre className={`payload${as === 'hex' ? ' hex' : ''}`}>
          {as === 'hex' ? dumped(message.hex) : readable(message.preview)}
        </pre>
      </ScrollBox>
      {may('quarantine:write') && message.state === 'set_aside' && (
        <Group justify="flex-end">
          <Button variant="default" onClick={() => onOrder('discard', message.id)}>
            {t.discard}
          </Button>
          <Button onClick={() => onOrder('replay', message.id)}>{t.replay}</Button>
        </Group>
      )}
    </div>
  );
}

/** JSON is easier to read with its lines broken; anything else is shown as it came. */
function readable(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}

const lineBytes = 8;

/** Place, bytes and their letters: 8 bytes a line, which fit a telephone. */
function dumped(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += lineBytes) {
    const line = bytes.slice(at, at + lineBytes);
    const letters = line.map((byte) => {
      const code = Number.parseInt(byte, 16);
      return code >= 32 && code < 127 ? String.fromCharCode(code) : '.';
    });
    lines.push(`${at.toString(16).padStart(4, '0')}  ${line.join(' ').padEnd(lineBytes * 3 - 1)}  ${letters.join('')}`);
  }
  return lines.join('\n');
}
