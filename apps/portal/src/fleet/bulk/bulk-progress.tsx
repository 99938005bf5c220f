import { Alert, Button, Group } from '@mantine/core';
import { useText } from '../../i18n/i18n.js';
import { Meter } from '../parts/meter.js';
import type { EachState } from './use-each.js';

/** How far work on many devices is, and which refused. */
export function BulkProgress({ state, onClose }: { state: EachState; onClose: () => void }) {
  const text = useText();
  const t = text.console.bulk;
  return (
    <div className="form" role="status">
      <Meter
        share={state.total === 0 ? 1 : state.done / state.total}
        label={state.running ? t.running : t.done}
        value={t.of(state.done, state.total)}
      />
      {state.failed.length > 0 && (
        <Alert color="red" variant="light">
          {t.failed(state.failed.length)}
          <ul style={{ margin: '6px 0 0', paddingLeft: 18 }}>
            {state.failed.slice(0, 50).map(({ target, error }) => (
              <li key={target.id}>
                <b>{target.thingName}</b>: {error.faults[0]?.rule ?? error.message}
              </li>
            ))}
          </ul>
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
