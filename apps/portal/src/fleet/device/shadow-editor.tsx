import { Alert, Button, Group, JsonInput, Modal } from '@mantine/core';
import { useState } from 'react';
import { useWrite } from '../../api/client.js';
import { updateShadow } from '../../api/operations/shadow.js';
import { useText } from '../../i18n/i18n.js';
import { Fault } from '../parts/confirm.js';
import { changesOf, isObject, type JsonObject, jsonFault, patchOf, readable } from '../parts/json.js';

interface ShadowEditorProps {
  readonly deviceId: string;
  readonly name: string;
  /** As it was when the editor was opened; null for a shadow that is not there yet. */
  readonly version: number | null;
  readonly desired: unknown;
  readonly onClose: () => void;
}

const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** Desired state as text, checked as one types; what will change is shown before it is sent. */
export function ShadowEditor({ deviceId, name, version, desired, onClose }: ShadowEditorProps) {
  const text = useText();
  const t = text.console.shadow;
  const [base] = useState({ version, desired: objectOf(desired) });
  const [typed, setTyped] = useState(() => readable(base.desired));
  const [confirming, setConfirming] = useState(false);
  const write = useWrite(updateShadow, ['Shadows', 'ShadowHistory']);
  const fault = jsonFault(typed, text.console.bulk.jsonRule);
  const next = fault === null ? (JSON.parse(typed) as JsonObject) : base.desired;
  const changes = changesOf(base.desired, next);
  const conflict = write.error?.code === 'CONFLICT' || write.error?.code === 'STATE_CONFLICT';
  const send = () =>
    write.mutate(
      {
        deviceId,
        name,
        desired: patchOf(base.desired, next),
        expectedVersion: base.version,
      },
      { onSuccess: onClose },
    );
  return (
    <Modal opened onClose={onClose} size={680} title={t.edit} closeButtonProps={{ 'aria-label': text.table.close }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (confirming) send();
          else if (!fault && changes.length > 0) setConfirming(true);
        }}
      >
        {confirming ? (
          <div>
            <p style={{ marginTop: 0 }}>{t.willChange(changes.length)}</p>
            <ul className="changes">
              {changes.map(({ path, before, after }) => (
                <li key={path}>
                  <b>{path}</b>: {before !== undefined && <del>{JSON.stringify(before)}</del>}{' '}
                  {after === undefined ? t.removed : <ins>{JSON.stringify(after)}</ins>}
                </li>
              ))}
            </ul>
          </div>
        ) : (
          <JsonInput
            label={t.desired}
            description={t.editHint}
            value={typed}
            onChange={setTyped}
            error={fault}
            autosize
            minRows={8}
            maxRows={24}
            spellCheck={false}
            styles={{ input: { fontFamily: 'var(--mono)', fontSize: 13 } }}
          />
        )}
        {conflict ? (
          <Alert color="yellow" variant="light" role="alert">
            {t.conflict}
          </Alert>
        ) : (
          <Fault error={write.error} />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={confirming ? () => setConfirming(false) : onClose}>
            {confirming ? text.console.back : text.plans.cancel}
          </Button>
          <Button type="submit" loading={write.isPending} disabled={fault !== null || changes.length === 0}>
            {confirming ? t.send : text.console.next}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
