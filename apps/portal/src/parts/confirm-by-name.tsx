import { Alert, Button, Group, Modal, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { ApiError } from '../api/post.js';
import { useText } from '../i18n/i18n.js';

interface ConfirmProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly text: ReactNode;
  /** What has to be typed before the button works. */
  readonly name: string;
  readonly prompt: string;
  readonly action: string;
  readonly busy: boolean;
  readonly error: ApiError | null;
  readonly onConfirm: () => void;
  readonly children?: ReactNode;
}

/** For what cannot be undone: it happens after its name has been typed. */
export function ConfirmByName(props: ConfirmProps) {
  const { opened, onClose, title, text, name, prompt, action, busy, error, onConfirm, children } = props;
  const t = useText();
  const [typed, setTyped] = useState('');
  const ready = typed.trim() === name;
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t.table.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onConfirm();
        }}
        style={{ display: 'grid', gap: 14 }}
      >
        <Text size="sm">{text}</Text>
        {children}
        <TextInput
          label={prompt}
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
          data-autofocus
          autoComplete="off"
        />
        {error && (
          <Alert color="red" variant="light" role="alert">
            {error.message}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t.plans.cancel}
          </Button>
          <Button type="submit" disabled={!ready} loading={busy}>
            {action}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
