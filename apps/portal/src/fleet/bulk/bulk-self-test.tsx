import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useWrite } from '../../api/client.js';
import { startRuns } from '../../api/operations/diagnostics.js';
import { useText } from '../../i18n/i18n.js';
import type { BulkProps } from './bulk-dialog.js';
import { BulkSubmit } from './bulk-submit.js';
import { LeftOut } from './left-out.js';

/** The server takes so many machines in one batch. */
const most = 500;

export function BulkSelfTest({ target, preview, onClose }: BulkProps) {
  const t = useText().console.bulk;
  const navigate = useNavigate();
  const [key] = useState(() => crypto.randomUUID());
  const write = useWrite(startRuns, ['RecentRuns', 'AssetRuns']);
  const left = write.data?.startDiagnosticRuns;
  const start = () =>
    write.mutate(
      { input: { target, key, procedure: 'self-test' } },
      {
        onSuccess: ({ startDiagnosticRuns: { runs } }) => {
          const batch = runs[0]?.batchId;
          if (batch) void navigate(`/fleet/diagnostics/${batch}`);
        },
      },
    );
  return (
    <BulkSubmit
      action={t.startSelfTest(preview.total)}
      busy={write.isPending}
      disabled={preview.total > most}
      error={write.error}
      onSubmit={start}
      onClose={onClose}
    >
      <p style={{ margin: 0 }}>{preview.total > most ? t.selfTestMost(most) : t.selfTestHint}</p>
      {left && left.runs.length === 0 && <LeftOut leftOut={left.leftOut} preview={preview} />}
    </BulkSubmit>
  );
}
