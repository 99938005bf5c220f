import { Button, Select, Textarea, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { usePages, useRead, useWrite } from '../../api/client.js';
import { catalogueQuery } from '../../api/operations/commands.js';
import { createTemplate, type TemplateRow, templatesQuery } from '../../api/operations/provisioning.js';
import { useMay } from '../../frame/viewer.js';
import { useText } from '../../i18n/i18n.js';
import type { Column } from '../../parts/data-table.js';
import { Confirm } from '../parts/confirm.js';
import { ListCard } from '../parts/list-card.js';

function TemplateForm({ onClose }: { onClose: () => void }) {
  const text = useText();
  const t = text.console.provisioning;
  const models = useRead(catalogueQuery, {});
  const [name, setName] = useState('');
  const [modelName, setModel] = useState<string | null>(null);
  const [pattern, setPattern] = useState('');
  const [parameters, setParameters] = useState('SerialNumber');
  const [hookUrl, setHook] = useState('');
  const write = useWrite(createTemplate, ['ProvisioningTemplates']);
  const list = parameters
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [key = '', value] = line.split('=');
      return { name: key.trim(), default: value?.trim() || null };
    });
  return (
    <Confirm
      opened
      onClose={onClose}
      title={t.newTemplate}
      action={t.newTemplate}
      busy={write.isPending}
      error={write.error}
      disabled={!name || !modelName || !pattern}
      onConfirm={() =>
        modelName &&
        write.mutate(
          { input: { name, modelName, thingNamePattern: pattern, parameters: list, hookUrl: hookUrl || null } },
          { onSuccess: onClose },
        )
      }
    >
      <TextInput label={t.name} required value={name} onChange={(e) => setName(e.currentTarget.value)} />
      <Select
        label={text.devices.model}
        required
        value={modelName}
        onChange={setModel}
        data={(models.data?.models ?? []).map((model) => ({ value: model.name, label: model.title }))}
      />
      <TextInput
        label={t.pattern}
        required
        placeholder={'compressor-$' + '{SerialNumber}'}
        value={pattern}
        onChange={(e) => setPattern(e.currentTarget.value)}
      />
      <Textarea
        label={t.parameters}
        description={t.parametersHint}
        value={parameters}
        onChange={(e) => setParameters(e.currentTarget.value)}
      />
      <TextInput
        label={t.hook}
        description={t.hookHint}
        value={hookUrl}
        onChange={(e) => setHook(e.currentTarget.value)}
      />
    </Confirm>
  );
}

export function TemplatesTab() {
  const text = useText();
  const t = text.console.provisioning;
  const may = useMay();
  const [making, setMaking] = useState(false);
  const read = usePages(templatesQuery, { first: 50 }, (r) => r.provisioningTemplates, { keep: true });
  const columns = useMemo<Column<TemplateRow>[]>(
    () => [
      { key: 'name', title: t.name, render: (r) => <strong>{r.name}</strong> },
      { key: 'model', title: text.devices.model, render: (r) => r.model.title },
      { key: 'pattern', title: t.pattern, render: (r) => <code>{r.thingNamePattern}</code> },
      {
        key: 'parameters',
        title: t.parameters,
        render: (r) => r.parameters.map((p) => (p.default ? `${p.name}=${p.default}` : p.name)).join(', '),
      },
      { key: 'hook', title: t.hook, render: (r) => r.hookUrl ?? <span className="dim">–</span> },
    ],
    [t, text],
  );
  return (
    <>
      <ListCard
        title={t.templates}
        read={read}
        columns={columns}
        none={t.noTemplates}
        noneHint={t.noTemplatesHint}
        action={may('provisioning:write') && <Button onClick={() => setMaking(true)}>{t.newTemplate}</Button>}
      />
      {making && <TemplateForm onClose={() => setMaking(false)} />}
    </>
  );
}
