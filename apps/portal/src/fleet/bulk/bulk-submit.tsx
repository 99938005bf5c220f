import { Button, Group } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import type { ApiError } from '../../api/post.js';
import { useText } from '../../i18n/i18n.js';
import { Fault } from '../parts/confirm.js';

interface BulkSubmitProps {
  readonly action: string;
  readonly busy: boolean;
  readonly disabled?: boolean;
  readonly error: ApiError | null;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

export function BulkSubmit({ action, busy, disabled, error, onSubmit, onClose, children }: BulkSubmitProps) {
  const { cancel } = useText().plans;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!disabled) onSubmit();
  };
  return (
    <form className="form" onSubmit={submit}>
      {children}
      <Fault error={error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {cancel}
        </Button>
        <Button type="submit" loading={busy} disabled={Boolean(disabled)}>
          {action}
        </Button>
      </Group>
    </form>
  );
}
