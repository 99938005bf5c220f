import { useState } from 'react';
import { useRead, useWrite } from '../../api/client.js';
import {
  catalogueQuery,
  commandExecutionLive,
  deviceCommandsQuery,
  type Execution,
  sendCommand,
} from '../../api/operations/commands.js';
import type { DeviceDetail } from '../../api/operations/fleet.js';
import { useSubscription } from '../../api/subscribe.js';
import { Card } from '../../frame/page.js';
import { Empty, Loaded } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { useText } from '../../i18n/i18n.js';
import { CommandForm } from './command-form.js';
import { ExecutionRow, isOpen } from './execution-row.js';

/** Commands of one device: send one, and see how each goes while it goes. */
export function CommandsTab({ device, zone }: { device: DeviceDetail; zone: string }) {
  const t = useText().console;
  const may = useMay();
  const read = useRead(deviceCommandsQuery, { id: device.id }, { every: 15_000 });
  const catalogue = useRead(catalogueQuery, {});
  const send = useWrite(sendCommand, ['DeviceCommands']);
  const [live, setLive] = useState<Record<string, Execution>>({});
  const stored = (read.data?.device?.commandExecutions.edges ?? []).map((edge) => edge.node);
  const rows = stored.map((row) => {
    const streamed = live[row.id];
    return streamed && streamed.updatedAt >= row.updatedAt ? streamed : row;
  });
  const open = rows.filter(isOpen).map(({ id }) => id);
  useSubscription(commandExecutionLive, open.length > 0 ? { executionIds: open } : null, ({ commandExecutions: one }) =>
    setLive((now) => ({ ...now, [one.id]: one })),
  );
  const commands = catalogue.data?.models.find(({ id }) => id === device.model.id)?.commands ?? [];
  return (
    <div className="grid cols-21">
      <Card title={t.commands.sent}>
        <Loaded read={read} small>
          {() =>
            rows.length === 0 ? (
              <Empty small title={t.commands.none} hint={t.commands.noneHint} />
            ) : (
              rows.map((row) => <ExecutionRow key={row.id} execution={row} zone={zone} />)
            )
          }
        </Loaded>
      </Card>
      {may('commands:write') && (
        <Card title={t.commands.send}>
          <Loaded read={catalogue} small>
            {() => (
              <CommandForm
                commands={commands}
                busy={send.isPending}
                error={send.error}
                action={t.commands.send}
                none={t.commands.noCatalogue}
                onSend={(command, args) =>
                  send.mutate({
                    input: { deviceId: device.id, command, arguments: args, key: crypto.randomUUID() },
                  })
                }
              />
            )}
          </Loaded>
          {!device.connected && <p className="dim">{t.commands.waits}</p>}
        </Card>
      )}
    </div>
  );
}
