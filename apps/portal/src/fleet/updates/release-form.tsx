import { MultiSelect, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { usePages, useRead, useWrite } from '../../api/client.js';
import { catalogueQuery } from '../../api/operations/commands.js';
import { artefactsQuery, createRelease } from '../../api/operations/updates.js';
import { useText } from '../../i18n/i18n.js';
import { Confirm } from '../parts/confirm.js';

/** A draft: artefacts of one model under one version. */
export function ReleaseForm({ onClose }: { onClose: () => void }) {
  const text = useText();
  const t = text.console.updates;
  const models = useRead(catalogueQuery, {});
  const artefacts = usePages(artefactsQuery, { first: 100 }, (r) => r.artefacts);
  const [modelId, setModel] = useState<string | null>(null);
  const [version, setVersion] = useState('');
  const [counter, setCounter] = useState<number | string>('');
  const [artefactIds, setArtefacts] = useState<string[]>([]);
  const [notes, setNotes] = useState('');
  const write = useWrite(createRelease, ['Releases']);
  const offered = artefacts.nodes.filter(({ model }) => model.id === modelId);
  const pick = (ids: string[]) => {
    setArtefacts(ids);
    const first = offered.find(({ id }) => id === ids[0]);
    if (first && version === '') setVersion(first.version);
    if (first && counter === '') setCounter(first.counter);
  };
  return (
    <Confirm
      opened
      onClose={onClose}
      title={t.newRelease}
      action={t.makeDraft}
      busy={write.isPending}
      error={write.error}
      disabled={!modelId || !version || typeof counter !== 'number' || artefactIds.length === 0}
      onConfirm={() =>
        modelId &&
        write.mutate(
          { input: { modelId, version, counter: Number(counter), artefactIds, notes } },
          { onSuccess: onClose },
        )
      }
    >
      <Select
        label={text.devices.model}
        required
        value={modelId}
        onChange={(next) => {
          setModel(next);
          setArtefacts([]);
        }}
        data={(models.data?.models ?? []).map(({ id, title }) => ({ value: id, label: title }))}
      />
      <MultiSelect
        label={t.artefacts}
        required
        value={artefactIds}
        onChange={pick}
        placeholder={modelId && offered.length === 0 ? t.noArtefacts : undefined}
        data={offered.map((a) => ({ value: a.id, label: `${a.fileName} · ${a.hardwareId} · ${a.version}` }))}
      />
      <div className="fields">
        <TextInput label={t.version} required value={version} onChange={(e) => setVersion(e.currentTarget.value)} />
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
      <Textarea label={t.notes} value={notes} onChange={(e) => setNotes(e.currentTarget.value)} />
    </Confirm>
  );
}
