import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { usePages, useWrite } from '../../api/client.js';
import { publishRelease, type ReleaseRow, releasesQuery, withdrawRelease } from '../../api/operations/updates.js';
import { useMay } from '../../frame/viewer.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import { ConfirmByName } from '../../parts/confirm-by-name.js';
import type { Column } from '../../parts/data-table.js';
import { ListCard } from '../parts/list-card.js';
import { RowAction } from '../parts/row-action.js';
import { TonePill } from '../parts/tone-pill.js';
import { ReleaseForm } from './release-form.js';

export function ReleasesTab() {
  const { text, formats } = useI18n();
  const t = text.console.updates;
  const may = useMay();
  const edits = may('releases:write');
  const read = usePages(releasesQuery, { first: 50 }, (r) => r.releases, { keep: true });
  const [making, setMaking] = useState(false);
  const [asked, setAsked] = useState<ReleaseRow | null>(null);
  const publishing = asked?.state === 'draft';
  const write = useWrite<unknown, { releaseId: string }>(publishing ? publishRelease : withdrawRelease, [
    'Releases',
    'Rollouts',
  ]);
  const columns = useMemo<Column<ReleaseRow>[]>(
    () => [
      { key: 'version', title: t.version, render: (r) => <strong>{r.version}</strong> },
      { key: 'model', title: text.devices.model, render: (r) => r.model.title },
      { key: 'state', title: text.devices.state, render: (r) => <TonePill state={r.state} /> },
      { key: 'hardware', title: t.hardware, render: (r) => r.artefacts.map((a) => a.hardwareId).join(', ') },
      { key: 'notes', title: t.notes, render: (r) => r.notes },
      {
        key: 'at',
        title: t.made,
        end: true,
        render: (r) => formats.date(r.publishedAt ?? r.createdAt, browserZone),
      },
      {
        key: 'actions',
        title: text.console.actions,
        end: true,
        render: (r) => (
          <RowAction
            able={edits && r.state !== 'withdrawn'}
            action={r.state === 'draft' ? t.publish : t.withdraw}
            onClick={() => setAsked(r)}
          />
        ),
      },
    ],
    [t, text, formats, edits],
  );
  return (
    <>
      <ListCard
        title={t.releases}
        read={read}
        columns={columns}
        none={t.noReleases}
        noneHint={t.noReleasesHint}
        action={edits && <Button onClick={() => setMaking(true)}>{t.newRelease}</Button>}
      />
      {making && <ReleaseForm onClose={() => setMaking(false)} />}
      {asked && (
        <ConfirmByName
          opened
          onClose={() => setAsked(null)}
          title={publishing ? t.publish : t.withdraw}
          text={publishing ? t.publishHint : t.withdrawHint}
          name={asked.version}
          prompt={t.typeVersion(asked.version)}
          action={publishing ? t.publish : t.withdraw}
          busy={write.isPending}
          error={write.error}
          onConfirm={() => write.mutate({ releaseId: asked.id }, { onSuccess: () => setAsked(null) })}
        />
      )}
    </>
  );
}
