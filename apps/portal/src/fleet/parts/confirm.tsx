import { Alert, Button, Group, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ApiError } from '../../api/post.js';
import { useText } from '../../i18n/i18n.js';

interface ConfirmProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly action: string;
  readonly busy: boolean;
  readonly error: ApiError | null;
  readonly onConfirm: () => void;
  readonly disabled?: boolean;
  readonly size?: number;
  readonly children: ReactNode;
}

/** Says what will happen, and does it when told to. */
export function Confirm(props: ConfirmProps) {
  const { opened, onClose, title, action, busy, error, onConfirm, disabled, size, children } = props;
  const t = useText();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      closeButtonProps={{ 'aria-label': t.table.close }}
      {...(size ? { size } : {})}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!disabled) onConfirm();
        }}
      >
        {children}
        <Fault error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t.plans.cancel}
          </Button>
          <Button type="submit" loading={busy} disabled={Boolean(disabled)}>
            {action}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** Why something was refused, with every rule that was broken. */
export function Fault({ error }: { error: ApiError | null }) {
  if (!error) return null;
  return (
    <Alert color="red" variant="light" role="alert">
      {error.faults.length > 0
        ? error.faults.map((fault) => <div key={fault.field + fault.rule}>{`${fault.field}: ${fault.rule}`}</div>)
        : error.message}
    </Alert>
  );
}
