import { Alert, Button } from '@mantine/core';
import { useState } from 'react';
import { useRead, useWrite } from '../../api/client.js';
import {
  catalogueQuery,
  commandExecutionLive,
  type SentCommands,
  sendCommands,
} from '../../api/operations/commands.js';
import type { TargetPreview } from '../../api/operations/fleet.js';
import { useSubscription } from '../../api/subscribe.js';
import { Loaded } from '../../frame/states.js';
import { useText } from '../../i18n/i18n.js';
import { CommandForm } from '../device/command-form.js';
import { isOpen } from '../device/execution-row.js';
import { Fault } from '../parts/confirm.js';
import { Meter } from '../parts/meter.js';
import type { BulkProps } from './bulk-dialog.js';
import { howMany } from './bulk-targets.js';
import { LeftOut } from './left-out.js';

/** The server takes so many devices at once. */
const most = 500;

interface ProgressProps {
  readonly sent: SentCommands;
  readonly preview: TargetPreview;
  readonly onClose: () => void;
}

/** How the command goes on each device, live; it goes on when the dialog is closed, and is found on each device's page. */
function Progress({ sent, preview, onClose }: ProgressProps) {
  const text = useText();
  const t = text.console;
  const [live, setLive] = useState<Record<string, SentCommands['executions'][number]>>({});
  const executions = sent.executions.map((one) => live[one.id] ?? one);
  const open = executions.filter(isOpen);
  const bad = executions.filter((one) => !isOpen(one) && one.state !== 'succeeded');
  const states = [...new Set(executions.map(({ state }) => state))];
  useSubscription(
    commandExecutionLive,
    open.length > 0 ? { executionIds: sent.executions.map(({ id }) => id) } : null,
    ({ commandExecutions: one }) =>
      setLive((now) => {
        const known = now[one.id] ?? sent.executions.find(({ id }) => id === one.id);
        return known && one.updatedAt >= known.updatedAt ? { ...now, [one.id]: { ...known, ...one } } : now;
      }),
  );
  return (
    <div className="form" role="status">
      {executions.length > 0 && (
        <>
          <Meter
            share={(executions.length - open.length) / executions.length}
            label={open.length > 0 ? t.bulk.running : t.bulk.done}
            value={t.bulk.of(executions.length - open.length, executions.length)}
          />
          <p className="dim" style={{ margin: 0 }} data-figure="states">
            {states
              .map((state) => `${executions.filter((one) => one.state === state).length} × ${t.states[state] ?? state}`)
              .join(' · ')}
          </p>
        </>
      )}
      {bad.length > 0 && (
        <Alert color="red" variant="light">
          {t.bulk.failed(bad.length)}
          <ul style={{ margin: '6px 0 0', paddingLeft: 18 }}>
            {bad.slice(0, 50).map((one) => (
              <li key={one.id}>
                <b>{one.device.thingName}</b>: {one.reasonDescription ?? one.reasonCode ?? t.states[one.state]}
              </li>
            ))}
          </ul>
        </Alert>
      )}
      <LeftOut leftOut={sent.leftOut} preview={preview} />
      <div className="actions" style={{ justifyContent: 'flex-end' }}>
        <Button variant="default" onClick={onClose}>
          {text.table.close}
        </Button>
      </div>
    </div>
  );
}

/** A command of the models' catalogues to each device; devices it cannot be sent to are said to be left out. */
export function BulkCommand({ target, preview, onClose }: BulkProps) {
  const t = useText().console;
  const read = useRead(catalogueQuery, {});
  const [key] = useState(() => crypto.randomUUID());
  const [order, setOrder] = useState<{ command: string; title: string; arguments: string } | null>(null);
  const write = useWrite(sendCommands, ['DeviceCommands']);
  const models = new Set(preview.parts.map(({ model }) => model.id));
  const catalogues = (read.data?.models ?? []).filter(({ id }) => models.has(id));
  const offered = new Map(catalogues.flatMap(({ commands }) => commands.map((command) => [command.name, command])));
  const having = new Set(
    catalogues.filter(({ commands }) => commands.some(({ name }) => name === order?.command)).map(({ id }) => id),
  );
  const fitting = howMany(preview, ({ model, state }) => having.has(model.id) && state !== 'retired');
  if (write.data) return <Progress sent={write.data.sendCommands} preview={preview} onClose={onClose} />;
  if (preview.total > most) return <p className="warn">{t.bulk.commandMost(most)}</p>;
  if (order)
    return (
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          write.mutate({ input: { target, command: order.command, arguments: order.arguments, key } });
        }}
      >
        <p style={{ margin: 0 }}>{t.bulk.confirmCommand(order.title, fitting, order.arguments !== '{}')}</p>
        {order.arguments !== '{}' && <pre className="payload">{order.arguments}</pre>}
        {fitting < preview.total && <p className="warn">{t.bulk.withoutCommand(preview.total - fitting)}</p>}
        <Fault error={write.error} />
        <div className="actions" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={() => setOrder(null)}>
            {t.back}
          </Button>
          <Button type="submit" loading={write.isPending}>
            {t.bulk.send(fitting)}
          </Button>
        </div>
      </form>
    );
  return (
    <Loaded read={read} small>
      {() => (
        <CommandForm
          commands={[...offered.values()]}
          busy={false}
          error={null}
          action={t.next}
          none={t.commands.noCatalogue}
          onSend={(command, args) =>
            setOrder({
              command,
              title: offered.get(command)?.title ?? command,
              arguments: args,
            })
          }
        />
      )}
    </Loaded>
  );
}
