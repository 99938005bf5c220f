import { Button, Select, Textarea } from '@mantine/core';
import { useMemo, useState } from 'react';
import { usePages, useWrite } from '../../api/client.js';
import { type CaRow, casQuery, deactivateCa, registerCa, templatesQuery } from '../../api/operations/provisioning.js';
import { useMay } from '../../frame/viewer.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import type { Column } from '../../parts/data-table.js';
import { Confirm } from '../parts/confirm.js';
import { ListCard } from '../parts/list-card.js';
import { RowAction } from '../parts/row-action.js';
import { TonePill } from '../parts/tone-pill.js';

function CaForm({ code, onClose }: { code: string; onClose: () => void }) {
  const t = useI18n().text.console.provisioning;
  const templates = usePages(templatesQuery, { first: 100 }, (r) => r.provisioningTemplates);
  const [certificatePem, setCertificate] = useState('');
  const [verificationPem, setVerification] = useState('');
  const [templateName, setTemplate] = useState<string | null>(null);
  const write = useWrite(registerCa, ['RegisteredCas']);
  return (
    <Confirm
      opened
      onClose={onClose}
      size={600}
      title={t.registerCa}
      action={t.registerCa}
      busy={write.isPending}
      error={write.error}
      disabled={!certificatePem || !verificationPem || !templateName}
      onConfirm={() =>
        templateName &&
        write.mutate({ input: { certificatePem, verificationPem, templateName } }, { onSuccess: onClose })
      }
    >
      <p style={{ margin: 0 }}>{t.caHint}</p>
      <code style={{ overflowWrap: 'anywhere' }}>{code}</code>
      <Textarea
        label={t.caCertificate}
        required
        rows={5}
        value={certificatePem}
        onChange={(e) => setCertificate(e.currentTarget.value)}
      />
      <Textarea
        label={t.caProof}
        required
        rows={5}
        value={verificationPem}
        onChange={(e) => setVerification(e.currentTarget.value)}
      />
      <Select
        label={t.template}
        required
        value={templateName}
        onChange={setTemplate}
        data={templates.nodes.map((each) => ({ value: each.name, label: each.name }))}
      />
    </Confirm>
  );
}

export function CasTab() {
  const { text, formats } = useI18n();
  const t = text.console.provisioning;
  const may = useMay();
  const edits = may('provisioning:write');
  const [open, setOpen] = useState(false);
  const [ending, setEnding] = useState<CaRow | null>(null);
  const read = usePages(casQuery, { first: 50 }, (r) => r.registeredCas, { keep: true });
  const end = useWrite(deactivateCa, ['RegisteredCas']);
  const columns = useMemo<Column<CaRow>[]>(
    () => [
      { key: 'subject', title: t.subject, render: (r) => <strong>{r.subject}</strong> },
      { key: 'template', title: t.template, render: (r) => r.template.name },
      {
        key: 'state',
        title: text.devices.state,
        render: (r) => <TonePill state={r.deactivatedAt ? 'deactivated' : 'active'} />,
      },
      {
        key: 'fingerprint',
        title: text.devices.fingerprint,
        render: (r) => (
          <span className="mono" title={r.fingerprint}>
            {r.fingerprint.slice(0, 16)}…
          </span>
        ),
      },
      { key: 'until', title: t.expires, end: true, render: (r) => formats.date(r.notAfter, browserZone) },
      {
        key: 'actions',
        title: text.console.actions,
        end: true,
        render: (r) => (
          <RowAction able={edits && !r.deactivatedAt} action={t.deactivate} onClick={() => setEnding(r)} />
        ),
      },
    ],
    [t, text, formats, edits],
  );
  return (
    <>
      <ListCard
        title={t.cas}
        read={read}
        columns={columns}
        none={t.noCas}
        noneHint={t.noCasHint}
        action={edits && <Button onClick={() => setOpen(true)}>{t.registerCa}</Button>}
      />
      {open && <CaForm code={read.data?.pages[0]?.caRegistrationCode ?? ''} onClose={() => setOpen(false)} />}
      <Confirm
        opened={ending !== null}
        onClose={() => setEnding(null)}
        title={t.deactivate}
        action={t.deactivate}
        busy={end.isPending}
        error={end.error}
        onConfirm={() => ending && end.mutate({ id: ending.id }, { onSuccess: () => setEnding(null) })}
      >
        <p style={{ margin: 0 }}>{t.deactivateCaHint(ending?.subject ?? '')}</p>
      </Confirm>
    </>
  );
}
