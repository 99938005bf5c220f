import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { usePages, useWrite } from '../../api/client.js';
import { batchesQuery, type ClaimBatchRow, deactivateBatch } from '../../api/operations/provisioning.js';
import { useMay } from '../../frame/viewer.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import { ConfirmByName } from '../../parts/confirm-by-name.js';
import type { Column } from '../../parts/data-table.js';
import { ListCard } from '../parts/list-card.js';
import { Meter } from '../parts/meter.js';
import { RowAction } from '../parts/row-action.js';
import { TonePill } from '../parts/tone-pill.js';
import { BatchForm } from './batch-form.js';

const stateOf = (batch: ClaimBatchRow) =>
  batch.deactivatedAt ? 'deactivated' : Date.parse(batch.expiresAt) < Date.now() ? 'expired' : 'active';

export function BatchesTab() {
  const { text, formats } = useI18n();
  const t = text.console.provisioning;
  const may = useMay();
  const edits = may('provisioning:write');
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<ClaimBatchRow | null>(null);
  const read = usePages(batchesQuery, { first: 50 }, (r) => r.claimBatches, { keep: true, every: 15_000 });
  const end = useWrite(deactivateBatch, ['ClaimBatches']);
  const columns = useMemo<Column<ClaimBatchRow>[]>(
    () => [
      { key: 'name', title: t.name, render: (r) => <strong>{r.name}</strong> },
      { key: 'template', title: t.template, render: (r) => r.template.name },
      { key: 'state', title: text.devices.state, render: (r) => <TonePill state={stateOf(r)} /> },
      {
        key: 'count',
        title: t.made_,
        render: (r) => (
          <Meter
            share={r.provisionedCount / r.maxCount}
            label={r.serialsListed ? t.listed : t.any}
            value={text.console.bulk.of(r.provisionedCount, r.maxCount)}
          />
        ),
      },
      { key: 'expires', title: t.expires, end: true, render: (r) => formats.date(r.expiresAt, browserZone) },
      {
        key: 'actions',
        title: text.console.actions,
        end: true,
        render: (r) => (
          <RowAction able={edits && stateOf(r) === 'active'} action={t.deactivate} onClick={() => setEnding(r)} />
        ),
      },
    ],
    [t, text, formats, edits],
  );
  return (
    <>
      <ListCard
        title={t.batches}
        read={read}
        columns={columns}
        none={t.noBatches}
        noneHint={t.noBatchesHint}
        action={edits && <Button onClick={() => setMaking(true)}>{t.newBatch}</Button>}
      />
      {making && <BatchForm onClose={() => setMaking(false)} />}
      {ending && (
        <ConfirmByName
          opened
          onClose={() => setEnding(null)}
          title={t.deactivate}
          text={t.deactivateHint}
          name={ending.name}
          prompt={text.console.device.typeName(ending.name)}
          action={t.deactivate}
          busy={end.isPending}
          error={end.error}
          onConfirm={() => end.mutate({ id: ending.id }, { onSuccess: () => setEnding(null) })}
        />
      )}
    </>
  );
}
