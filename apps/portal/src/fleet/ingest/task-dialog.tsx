import { Alert, Button, Group, Modal, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useRead, useWrite } from '../../api/client.js';
import {
  discardQuarantine,
  type QuarantineFilter,
  type QuarantineTask,
  quarantineTaskQuery,
  replayQuarantine,
} from '../../api/operations/quarantine.js';
import { useText } from '../../i18n/i18n.js';
import { Fault } from '../parts/confirm.js';
import { Meter } from '../parts/meter.js';

export interface Order {
  readonly action: 'replay' | 'discard';
  readonly count: number;
  /** Why it is offered. */
  readonly note?: string;
  readonly selection: { readonly ids: string[] } | { readonly filter: QuarantineFilter };
}

const minReason = 3;
const maxReason = 500;
const pollMs = 700;

/** Says what will happen, orders it, and shows how far it is. */
export function TaskDialog({ order, onClose }: { order: Order; onClose: () => void }) {
  const text = useText();
  const t = text.quarantine;
  const [ordered, setOrdered] = useState<QuarantineTask | null>(null);
  const title = order.action === 'replay' ? t.replayOf(order.count) : t.discardOf(order.count);
  return (
    <Modal opened onClose={onClose} title={title} size={560} closeButtonProps={{ 'aria-label': text.table.close }}>
      {ordered ? (
        <TaskProgress first={ordered} onClose={onClose} />
      ) : (
        <Form order={order} title={title} onOrdered={setOrdered} onClose={onClose} />
      )}
    </Modal>
  );
}

interface FormProps {
  readonly order: Order;
  readonly title: string;
  readonly onOrdered: (task: QuarantineTask) => void;
  readonly onClose: () => void;
}

function Form({ order, title, onOrdered, onClose }: FormProps) {
  const text = useText();
  const t = text.quarantine;
  const [reason, setReason] = useState('');
  const replay = useWrite(replayQuarantine, ['QuarantineTasks']);
  const discard = useWrite(discardQuarantine, ['QuarantineTasks']);
  const isReplay = order.action === 'replay';
  const said = reason.trim();
  const ready = isReplay || (said.length >= minReason && said.length <= maxReason);
  const submit = () => {
    // The state of what it is for goes without saying.
    const selection =
      'ids' in order.selection ? order.selection : { filter: { ...order.selection.filter, state: null } };
    if (isReplay) replay.mutate(selection, { onSuccess: (r) => onOrdered(r.replayQuarantine) });
    else discard.mutate({ ...selection, reason: said }, { onSuccess: (r) => onOrdered(r.discardQuarantine) });
  };
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) submit();
      }}
    >
      {order.note && <p style={{ margin: 0 }}>{order.note}</p>}
      <p style={{ margin: 0 }}>{isReplay ? t.replayHint : t.discardHint}</p>
      {!isReplay && (
        <Textarea
          label={t.why}
          required
          autosize
          minRows={2}
          maxLength={maxReason}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
      <Fault error={isReplay ? replay.error : discard.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {order.note ? t.later : text.plans.cancel}
        </Button>
        <Button
          type="submit"
          disabled={!ready}
          loading={replay.isPending || discard.isPending}
          {...(isReplay ? {} : { color: 'red' })}
        >
          {title}
        </Button>
      </Group>
    </form>
  );
}

/** How far an order is; what it changed is read anew when it is over. */
export function TaskProgress({ first, onClose }: { first: QuarantineTask; onClose: () => void }) {
  const text = useText();
  const t = text.quarantine;
  const client = useQueryClient();
  const [over, setOver] = useState(first.state !== 'running');
  const read = useRead(quarantineTaskQuery, { id: first.id }, over ? {} : { every: pollMs });
  const task = read.data?.quarantineTask ?? first;
  useEffect(() => {
    if (over || task.state === 'running') return;
    setOver(true);
    void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'QuarantineTask' });
  }, [over, task.state, client]);
  const done = task.settled + task.kept;
  return (
    <div className="form" role="status">
      <Meter
        share={task.state === 'done' ? 1 : done / Math.max(1, task.total)}
        label={t[task.state]}
        value={t.of(Math.min(done, task.total), task.total)}
      />
      {task.state === 'running' && (
        <p className="dim" style={{ margin: 0 }}>
          {t.leave}
        </p>
      )}
      {task.state === 'done' && <p style={{ margin: 0 }}>{t.outcome(task.action, task.settled, task.kept)}</p>}
      {task.state === 'failed' && (
        <Alert color="red" variant="light">
          {t.stopped(task.error ?? '')}
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
