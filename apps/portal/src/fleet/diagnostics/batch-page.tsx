import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { useRead } from '../../api/client.js';
import { batchQuery, type Run, runLive } from '../../api/operations/diagnostics.js';
import { useSubscription } from '../../api/subscribe.js';
import { Card, PageHead } from '../../frame/page.js';
import { Loaded, NotFound, PageSkeleton } from '../../frame/states.js';
import { browserZone } from '../../i18n/formats.js';
import { useText } from '../../i18n/i18n.js';
import { Meter } from '../parts/meter.js';
import { RunCard, runOpen } from './run-card.js';

/** Self-tests that were started together, while they run and after. */
export function BatchPage() {
  const { batchId = '' } = useParams();
  const t = useText().console;
  const read = useRead(batchQuery, { batchId }, { every: 10_000 });
  const [live, setLive] = useState<Record<string, Run>>({});
  useSubscription(runLive, { batchId }, ({ diagnosticRunLive: run }) => setLive((now) => ({ ...now, [run.id]: run })));
  const rank = (run: Run) => run.log.length + (runOpen(run) ? 0 : 1e6);
  const runs = (read.data?.diagnosticRunsOfBatch ?? []).map((run) => {
    const streamed = live[run.id];
    return streamed && rank(streamed) >= rank(run) ? { ...run, ...streamed } : run;
  });
  const open = runs.filter(runOpen).length;
  const failed = runs.filter(({ verdict, state }) => verdict === 'failed' || (!verdict && !runOpen({ state }))).length;
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() =>
        runs.length === 0 ? (
          <NotFound page />
        ) : (
          <>
            <PageHead
              tab={t.diagnostics.title}
              title={
                open > 0
                  ? t.diagnostics.running(open)
                  : failed > 0
                    ? t.diagnostics.failed(failed)
                    : t.diagnostics.passed
              }
              lead={<Link to="/fleet/diagnostics">{t.diagnostics.all}</Link>}
            />
            <Card>
              {open > 0 && (
                <Meter
                  share={(runs.length - open) / runs.length}
                  label={t.bulk.running}
                  value={t.bulk.of(runs.length - open, runs.length)}
                />
              )}
              <div style={{ marginTop: 12 }}>
                {runs.map((run) => (
                  <RunCard
                    key={run.id}
                    run={run}
                    zone={run.asset?.site.timeZone ?? browserZone}
                    title={
                      run.asset ? (
                        <Link to={`/fleet/machines/${run.asset.id}`}>{run.asset.name}</Link>
                      ) : (
                        <Link to={`/fleet/devices/${run.execution.device.id}`}>{run.execution.device.thingName}</Link>
                      )
                    }
                  />
                ))}
              </div>
            </Card>
          </>
        )
      }
    </Loaded>
  );
}
