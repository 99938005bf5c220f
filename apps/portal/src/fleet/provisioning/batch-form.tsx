import { Alert, Button, Group, Modal, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { usePages, useWrite } from '../../api/client.js';
import { createBatch, type NewBatch, templatesQuery } from '../../api/operations/provisioning.js';
import { useText } from '../../i18n/i18n.js';
import { downloadText } from '../../parts/download.js';
import { Confirm } from '../parts/confirm.js';

/** The key exists here and nowhere else: it is said so, and each part can be saved. */
function Made({ made, onClose }: { made: NewBatch; onClose: () => void }) {
  const text = useText();
  const t = text.console.provisioning;
  const [saved, setSaved] = useState(false);
  const { name } = made.batch;
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnClickOutside={false}
      closeOnEscape={saved}
      size={640}
      title={t.made(name)}
      closeButtonProps={{ 'aria-label': text.table.close }}
    >
      <div className="form">
        <Alert color="yellow" variant="light">
          {t.once}
        </Alert>
        <pre className="payload">{made.certificatePem}</pre>
        <div className="actions">
          <Button
            onClick={() => {
              downloadText(`${name}-claim-key.pem`, made.privateKeyPem);
              setSaved(true);
            }}
          >
            {t.saveKey}
          </Button>
          <Button variant="default" onClick={() => downloadText(`${name}-claim.pem`, made.certificatePem)}>
            {t.saveCertificate}
          </Button>
          <Button variant="default" onClick={() => downloadText('ca.pem', made.caPem)}>
            {t.saveCa}
          </Button>
        </div>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {saved ? text.table.close : t.closeUnsaved}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}

export function BatchForm({ onClose }: { onClose: () => void }) {
  const t = useText().console.provisioning;
  const templates = usePages(templatesQuery, { first: 100 }, (r) => r.provisioningTemplates);
  const [name, setName] = useState('');
  const [templateName, setTemplate] = useState<string | null>(null);
  const [maxCount, setCount] = useState<number | string>(100);
  const [until, setUntil] = useState(() => new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10));
  const [serials, setSerials] = useState('');
  const write = useWrite(createBatch, ['ClaimBatches']);
  if (write.data) return <Made made={write.data.createClaimBatch} onClose={onClose} />;
  const serialNumbers = serials
    .split(/[\s,;]+/)
    .map((each) => each.trim())
    .filter(Boolean);
  return (
    <Confirm
      opened
      onClose={onClose}
      title={t.newBatch}
      action={t.newBatch}
      busy={write.isPending}
      error={write.error}
      disabled={!name || !templateName || typeof maxCount !== 'number' || !until}
      onConfirm={() =>
        templateName &&
        write.mutate({
          input: {
            name,
            templateName,
            maxCount: Number(maxCount),
            expiresAt: `${until}T23:59:59Z`,
            ...(serialNumbers.length > 0 ? { serialNumbers } : {}),
          },
        })
      }
    >
      <TextInput label={t.name} required value={name} onChange={(e) => setName(e.currentTarget.value)} />
      <Select
        label={t.template}
        required
        value={templateName}
        onChange={setTemplate}
        placeholder={templates.total === 0 ? t.noTemplates : undefined}
        data={templates.nodes.map((each) => ({ value: each.name, label: each.name }))}
      />
      <div className="fields">
        <NumberInput label={t.maxCount} required min={1} allowDecimal={false} value={maxCount} onChange={setCount} />
        <TextInput
          label={t.expires}
          type="date"
          required
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
      </div>
      <Textarea
        label={t.serials}
        description={serialNumbers.length > 0 ? t.serialsGiven(serialNumbers.length) : t.serialsHint}
        value={serials}
        onChange={(event) => setSerials(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={8}
      />
    </Confirm>
  );
}
