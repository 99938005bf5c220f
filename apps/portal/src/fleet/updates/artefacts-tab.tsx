import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { usePages } from '../../api/client.js';
import { type ArtefactRow, artefactsQuery } from '../../api/operations/updates.js';
import { useMay } from '../../frame/viewer.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import type { Column } from '../../parts/data-table.js';
import { ListCard } from '../parts/list-card.js';
import { UploadForm } from './upload-form.js';

export function ArtefactsTab() {
  const { text, formats } = useI18n();
  const t = text.console.updates;
  const may = useMay();
  const read = usePages(artefactsQuery, { first: 50 }, (r) => r.artefacts, { keep: true });
  const [open, setOpen] = useState(false);
  const columns = useMemo<Column<ArtefactRow>[]>(
    () => [
      { key: 'file', title: t.file, render: (r) => <strong>{r.fileName}</strong> },
      { key: 'model', title: text.devices.model, render: (r) => r.model.title },
      { key: 'hardware', title: t.hardware, render: (r) => r.hardwareId },
      { key: 'version', title: t.version, render: (r) => `${r.version} (${r.counter})` },
      {
        key: 'sha',
        title: 'SHA-256',
        render: (r) => (
          <span className="mono" title={r.sha256}>
            {r.sha256.slice(0, 12)}…
          </span>
        ),
      },
      { key: 'length', title: t.length, end: true, render: (r) => `${formats.decimal(r.length / 1024, 1)} KiB` },
      { key: 'at', title: t.uploaded, end: true, render: (r) => formats.date(r.uploadedAt, browserZone) },
    ],
    [t, text, formats],
  );
  return (
    <>
      <ListCard
        title={t.artefacts}
        read={read}
        columns={columns}
        none={t.noArtefacts}
        noneHint={t.noArtefactsHint}
        action={may('releases:write') && <Button onClick={() => setOpen(true)}>{t.upload}</Button>}
      />
      {open && <UploadForm onClose={() => setOpen(false)} />}
    </>
  );
}
