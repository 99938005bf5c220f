import { Alert, Button, Group, JsonInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useRead, useWrite } from '../../api/client.js';
import { createJob, jobQuery } from '../../api/operations/jobs.js';
import { useText } from '../../i18n/i18n.js';
import { jsonFault } from '../parts/json.js';
import { Meter } from '../parts/meter.js';
import type { BulkProps } from './bulk-dialog.js';
import { BulkSubmit } from './bulk-submit.js';

const waiting = new Set(['QUEUED', 'IN_PROGRESS']);

function JobProgress({ id, jobId, onClose }: { id: string; jobId: string; onClose: () => void }) {
  const text = useText();
  const t = text.console.bulk;
  const read = useRead(jobQuery, { id }, { every: 2000 });
  const counts = read.data?.job?.counts ?? [];
  const total = counts.reduce((all, { things }) => all + things, 0);
  const open = counts.filter(({ status }) => waiting.has(status)).reduce((all, { things }) => all + things, 0);
  return (
    <div className="form" role="status">
      <Alert color="teal" variant="light">
        {t.jobMade(jobId)}
      </Alert>
      <Meter share={total ? (total - open) / total : 0} label={t.running} value={t.of(total - open, total)} />
      <p className="dim" style={{ margin: 0 }}>
        {counts.map(({ status, things }) => `${things} × ${text.console.states[status.toLowerCase()]}`).join(' · ')}
      </p>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {text.table.close}
        </Button>
      </Group>
    </div>
  );
}

export function BulkJob({ target, preview, onClose }: BulkProps) {
  const t = useText().console.bulk;
  const [document, setDocument] = useState('{\n  "operation": ""\n}');
  const [description, setDescription] = useState('');
  const write = useWrite(createJob, ['DeviceJobs']);
  const fault = jsonFault(document, t.jsonRule);
  if (write.data)
    return <JobProgress id={write.data.createJob.id} jobId={write.data.createJob.jobId} onClose={onClose} />;
  return (
    <BulkSubmit
      action={t.startJob(preview.total)}
      busy={write.isPending}
      disabled={fault !== null}
      error={write.error}
      onClose={onClose}
      onSubmit={() => write.mutate({ input: { document, description, target } })}
    >
      <TextInput
        label={t.jobDescription}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <JsonInput label={t.jobDocument} value={document} onChange={setDocument} error={fault} autosize minRows={4} />
    </BulkSubmit>
  );
}
