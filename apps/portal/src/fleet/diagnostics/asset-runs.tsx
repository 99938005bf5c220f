import { useState } from 'react';
import { useRead } from '../../api/client.js';
import { assetRunsQuery, type Run, runLive } from '../../api/operations/diagnostics.js';
import { useSubscription } from '../../api/subscribe.js';
import { Card } from '../../frame/page.js';
import { Loaded } from '../../frame/states.js';
import { useText } from '../../i18n/i18n.js';
import { RunCard, runOpen } from './run-card.js';

/** Self-tests of a machine; nothing is shown for one that never had any. */
export function AssetRuns({ assetId, zone }: { assetId: string; zone: string }) {
  const t = useText().console.diagnostics;
  const read = useRead(assetRunsQuery, { id: assetId, first: 5 }, { every: 60_000 });
  const [live, setLive] = useState<Record<string, Run>>({});
  useSubscription(runLive, { assetId }, ({ diagnosticRunLive: run }) => {
    setLive((now) => ({ ...now, [run.id]: run }));
  });
  const stored = (read.data?.asset?.diagnosticRuns.edges ?? []).map((edge) => edge.node);
  const runs = [
    ...Object.values(live).filter((run) => !stored.some(({ id }) => id === run.id)),
    ...stored.map((run) => (runOpen(run) ? (live[run.id] ?? run) : run)),
  ];
  if (read.data && runs.length === 0) return null;
  return (
    <Card title={t.title}>
      <Loaded read={read} small>
        {() => runs.map((run) => <RunCard key={run.id} run={run} zone={zone} title={run.title} />)}
      </Loaded>
    </Card>
  );
}
