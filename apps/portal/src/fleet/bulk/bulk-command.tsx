import { Button } from '@mantine/core';
import { useState } from 'react';
import { request, useRead } from '../../api/client.js';
import { catalogueQuery, sendCommand } from '../../api/operations/commands.js';
import { Loaded } from '../../frame/states.js';
import { useText } from '../../i18n/i18n.js';
import { CommandForm } from '../device/command-form.js';
import type { BulkProps } from './bulk-dialog.js';
import { BulkProgress } from './bulk-progress.js';
import { useEach } from './use-each.js';

/** A command of the model's catalogue to each device; devices of other models are said to be left out. */
export function BulkCommand({ targets, onClose }: BulkProps) {
  const t = useText().console;
  const read = useRead(catalogueQuery, {});
  const [batch] = useState(() => crypto.randomUUID());
  const [order, setOrder] = useState({ command: '', arguments: '{}' });
  const each = useEach((target) =>
    request(sendCommand, {
      input: { deviceId: target.id, command: order.command, arguments: order.arguments, key: batch },
    }),
  );
  const [begin, setBegin] = useState(false);
  const models = new Set(targets.map((target) => target.model.id));
  const names = (modelId: string) =>
    read.data?.models.find((model) => model.id === modelId)?.commands.map((command) => command.name) ?? [];
  const [first = ''] = models;
  const common = names(first).filter((name) => [...models].every((id) => names(id).includes(name)));
  const commands = (read.data?.models.find((model) => model.id === first)?.commands ?? []).filter((command) =>
    common.includes(command.name),
  );
  if (each.state) return <BulkProgress state={each.state} onClose={onClose} />;
  if (begin)
    return (
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void each.run(targets);
        }}
      >
        <p style={{ margin: 0 }}>{t.bulk.confirmCommand(order.command, targets.length)}</p>
        <pre className="payload">{order.arguments}</pre>
        <div className="actions" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={() => setBegin(false)}>
            {t.back}
          </Button>
          <Button type="submit">{t.bulk.send(targets.length)}</Button>
        </div>
      </form>
    );
  return (
    <Loaded read={read} small>
      {() => (
        <CommandForm
          commands={commands}
          busy={false}
          error={null}
          action={t.next}
          none={models.size > 1 ? t.bulk.noCommonCommand : t.commands.noCatalogue}
          onSend={(command, args) => {
            setOrder({ command, arguments: args });
            setBegin(true);
          }}
        />
      )}
    </Loaded>
  );
}
