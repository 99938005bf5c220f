import { Select } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { usePages, useWrite } from '../../api/client.js';
import { releasesQuery, startRelease } from '../../api/operations/updates.js';
import { Loaded } from '../../frame/states.js';
import { useText } from '../../i18n/i18n.js';
import type { BulkProps } from './bulk-dialog.js';
import { BulkSubmit } from './bulk-submit.js';
import { howMany } from './bulk-targets.js';

/** Before it starts: how many are of the release's model and not on its version. The server says why for each left out. */
export function BulkRelease({ target, preview, onClose }: BulkProps) {
  const text = useText();
  const t = text.console.bulk;
  const navigate = useNavigate();
  const read = usePages(releasesQuery, { first: 100 }, (r) => r.releases);
  const [releaseId, setRelease] = useState<string | null>(null);
  const write = useWrite(startRelease, ['Rollouts']);
  const models = new Set(preview.parts.map(({ model }) => model.id));
  const offered = read.nodes.filter(({ state, model }) => state === 'published' && models.has(model.id));
  const release = offered.find(({ id }) => id === releaseId) ?? (offered.length === 1 ? offered[0] : undefined);
  const fitting = howMany(
    preview,
    ({ model, firmwareVersion }) => model.id === release?.model.id && firmwareVersion !== release.version,
  );
  return (
    <Loaded read={read} small>
      {() => (
        <BulkSubmit
          action={t.startRelease}
          busy={write.isPending}
          disabled={!release}
          error={write.error}
          onClose={onClose}
          onSubmit={() =>
            release &&
            write.mutate(
              { releaseId: release.id, target },
              { onSuccess: ({ startRelease: { id } }) => void navigate(`/fleet/updates/${id}`) },
            )
          }
        >
          <Select
            label={t.release}
            placeholder={offered.length ? t.pickRelease : t.noRelease}
            value={release?.id ?? null}
            onChange={setRelease}
            data={offered.map(({ id, version, model }) => ({ value: id, label: `${version} · ${model.title}` }))}
            disabled={offered.length === 0}
          />
          {release && <p style={{ margin: 0 }}>{t.releaseFits(release.version, fitting, preview.total)}</p>}
        </BulkSubmit>
      )}
    </Loaded>
  );
}
