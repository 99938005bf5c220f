import { Alert, Button, Group } from '@mantine/core';
import type { DeviceBulk } from '../../api/operations/fleet.js';
import { useText } from '../../i18n/i18n.js';
import { Meter } from '../parts/meter.js';

/** How far work on many devices is, and which refused. */
export function BulkProgress({ bulk, onClose }: { bulk: DeviceBulk; onClose: () => void }) {
  const text = useText();
  const t = text.console.bulk;
  const done = bulk.done + bulk.failed;
  const running = bulk.finishedAt === null;
  return (
    <div className="form" role="status">
      <Meter
        share={bulk.total === 0 ? 1 : done / bulk.total}
        label={running ? t.running : t.done}
        value={t.of(done, bulk.total)}
      />
      {running && (
        <p className="dim" style={{ margin: 0 }}>
          {t.leave}
        </p>
      )}
      {bulk.failures.length > 0 && (
        <Alert color="red" variant="light">
          {t.failed(bulk.failed)}
          <ul style={{ margin: '6px 0 0', paddingLeft: 18, maxHeight: 200, overflow: 'auto' }}>
            {bulk.failures.map(({ deviceId, thingName, reason }) => (
              <li key={deviceId}>
                <b>{thingName}</b>: {reason}
              </li>
            ))}
          </ul>
          {bulk.failed > bulk.failures.length && (
            <p style={{ margin: '6px 0 0' }}>{t.failuresShown(bulk.failures.length)}</p>
          )}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {text.table.close}
        </Button>
      </Group>
    </div>
  );
}
