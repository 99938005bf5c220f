import { FileInput, NumberInput, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useRead } from '../../api/client.js';
import { upload } from '../../api/files.js';
import { catalogueQuery } from '../../api/operations/commands.js';
import type { ApiError } from '../../api/post.js';
import { useText } from '../../i18n/i18n.js';
import { Confirm } from '../parts/confirm.js';
import { Meter } from '../parts/meter.js';

const word = /^[a-zA-Z0-9][a-zA-Z0-9._+-]{0,63}$/;

/** SHA-256 of a file where the browser may compute it, so that a file damaged on the way is refused. */
async function sha256(file: File): Promise<string | null> {
  if (!crypto.subtle) return null;
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function UploadForm({ onClose }: { onClose: () => void }) {
  const text = useText();
  const t = text.console.updates;
  const client = useQueryClient();
  const models = useRead(catalogueQuery, {});
  const [file, setFile] = useState<File | null>(null);
  const [model, setModel] = useState<string | null>(null);
  const [hardware, setHardware] = useState('');
  const [version, setVersion] = useState('');
  const [counter, setCounter] = useState<number | string>('');
  const [share, setShare] = useState(0);
  const send = useMutation<unknown, ApiError>({
    mutationFn: async () => {
      if (!file || !model) return;
      const hash = await sha256(file);
      const query = new URLSearchParams({
        model,
        hardware,
        version,
        counter: String(counter),
        fileName: file.name,
        ...(hash ? { sha256: hash } : {}),
      });
      await upload({ path: `/artefacts?${query}`, body: file, type: 'application/octet-stream', onProgress: setShare });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['Artefacts'] });
      onClose();
    },
  });
  const wrong = (value: string) => value !== '' && !word.test(value) && t.wordRule;
  return (
    <Confirm
      opened
      onClose={onClose}
      title={t.upload}
      action={t.upload}
      busy={send.isPending}
      error={send.error}
      disabled={!file || !model || !word.test(hardware) || !word.test(version) || typeof counter !== 'number'}
      onConfirm={() => send.mutate()}
    >
      <FileInput label={t.file} required placeholder={t.pickFile} value={file} onChange={setFile} />
      <Select
        label={text.devices.model}
        required
        value={model}
        onChange={setModel}
        data={(models.data?.models ?? []).map(({ name, title }) => ({ value: name, label: title }))}
      />
      <TextInput
        label={t.hardware}
        required
        error={wrong(hardware)}
        value={hardware}
        onChange={(e) => setHardware(e.currentTarget.value)}
      />
      <div className="fields">
        <TextInput
          label={t.version}
          required
          error={wrong(version)}
          value={version}
          onChange={(e) => setVersion(e.currentTarget.value)}
        />
        <NumberInput
          label={t.counter}
          description={t.counterHint}
          required
          min={1}
          allowDecimal={false}
          value={counter}
          onChange={setCounter}
        />
      </div>
      {send.isPending && <Meter share={share} label={t.uploading} value={`${Math.round(share * 100)} %`} />}
    </Confirm>
  );
}
