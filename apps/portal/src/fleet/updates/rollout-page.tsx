import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Link, useParams } from 'react-router';
import { usePages, useRead, useWrite } from '../../api/client.js';
import {
  cancelRollout,
  type Rollout,
  type RolloutDevice,
  rolloutDevicesQuery,
  rolloutQuery,
} from '../../api/operations/updates.js';
import { Card, PageHead } from '../../frame/page.js';
import { Loaded, NotFound, PageSkeleton } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { browserZone } from '../../i18n/formats.js';
import { useI18n } from '../../i18n/i18n.js';
import { type Column, DataTable, useAddress } from '../../parts/data-table.js';
import { Confirm } from '../parts/confirm.js';
import { Meter } from '../parts/meter.js';
import { More } from '../parts/more.js';
import { TonePill } from '../parts/tone-pill.js';

type State = RolloutDevice['state'];
const ended = new Set<State>(['succeeded', 'failed', 'rolled_back', 'cancelled', 'left_out']);
const bad = new Set<State>(['failed', 'rolled_back']);
const noDevices = { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, edges: [] };

const sum = (counts: Rollout['counts'], of: (state: State) => boolean) =>
  counts.filter(({ state }) => of(state)).reduce((all, { count }) => all + count, 0);

function Devices({ id, every }: { id: string; every: number }) {
  const { text, formats } = useI18n();
  const t = text.console.updates;
  const [named] = useAddress('state');
  const read = usePages(
    rolloutDevicesQuery,
    { id, first: 50, state: (named || null) as State | null },
    (r) => r.rollout?.devices ?? noDevices,
    { keep: true, every },
  );
  const columns = useMemo<Column<RolloutDevice>[]>(
    () => [
      {
        key: 'device',
        title: text.devices.thing,
        render: (r) => (
          <Link className="row-title strong" to={`/fleet/devices/${r.device.id}`}>
            {r.device.thingName}
          </Link>
        ),
      },
      { key: 'asset', title: text.devices.asset, render: (r) => r.device.asset?.name ?? '–' },
      {
        key: 'state',
        title: text.devices.state,
        render: (r) =>
          r.state === 'downloading' && r.percent !== null ? (
            <Meter share={r.percent / 100} label={text.console.states[r.state] ?? ''} value={`${r.percent} %`} />
          ) : (
            <TonePill state={r.state} />
          ),
      },
      { key: 'runs', title: t.runs, render: (r) => r.reported?.version ?? '–' },
      { key: 'why', title: t.why, render: (r) => r.why ?? <span className="dim">–</span> },
      { key: 'at', title: t.changed, end: true, render: (r) => formats.dateTime(r.changedAt, browserZone) },
    ],
    [t, text, formats],
  );
  return (
    <Loaded read={read} small>
      {() => (
        <>
          <DataTable
            rows={read.nodes}
            stale={read.isPlaceholderData}
            columns={columns}
            rowKey={(r) => r.device.id}
            name={text.devices.title}
            sortable={false}
            total={read.total}
          />
          <More read={read} />
        </>
      )}
    </Loaded>
  );
}

/** A release on its way: how many are in each state, and each device with its reason. */
export function RolloutPage() {
  const { id = '' } = useParams();
  const { text, formats } = useI18n();
  const t = text.console.updates;
  const may = useMay();
  const read = useRead(rolloutQuery, { id }, { every: 2000 });
  const cancel = useWrite(cancelRollout, ['Rollout', 'RolloutDevices', 'Rollouts']);
  const [asking, setAsking] = useState(false);
  const [state, setState] = useAddress('state');
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() => {
        const rollout = read.data?.rollout;
        if (!rollout) return <NotFound page />;
        const { release, counts } = rollout;
        const total = sum(counts, () => true);
        const done = sum(counts, (each) => ended.has(each));
        const failures = sum(counts, (each) => bad.has(each));
        return (
          <>
            <PageHead
              tab={release.version}
              title={t.head(release.version, failures, total - done)}
              lead={
                <>
                  <Link to="/fleet/updates">{t.title}</Link> · {release.model.title} ·{' '}
                  {formats.dateTime(rollout.startedAt, browserZone)} {formats.zone(browserZone, rollout.startedAt)} ·{' '}
                  {rollout.startedBy}
                </>
              }
              actions={
                may('releases:write') &&
                rollout.state === 'running' && (
                  <Button variant="default" onClick={() => setAsking(true)}>
                    {t.cancelRollout}
                  </Button>
                )
              }
            />
            <Card>
              <Meter share={total ? done / total : 1} label={t.progress} value={text.console.bulk.of(done, total)} />
              <div className="actions" style={{ marginTop: 12 }}>
                {counts.map((each) => (
                  <Button
                    key={each.state}
                    size="compact-sm"
                    variant={state === each.state ? 'light' : 'default'}
                    aria-pressed={state === each.state}
                    onClick={() => setState(state === each.state ? '' : each.state)}
                  >
                    {`${each.count} ${text.console.states[each.state] ?? each.state}`}
                  </Button>
                ))}
              </div>
            </Card>
            <Card title={text.devices.title}>
              <Devices id={id} every={rollout.state === 'running' ? 2000 : 30_000} />
            </Card>
            <Confirm
              opened={asking}
              onClose={() => setAsking(false)}
              title={t.cancelRollout}
              action={t.cancelRollout}
              busy={cancel.isPending}
              error={cancel.error}
              onConfirm={() => cancel.mutate({ rolloutId: id }, { onSuccess: () => setAsking(false) })}
            >
              <p style={{ margin: 0 }}>{t.cancelHint}</p>
            </Confirm>
          </>
        );
      }}
    </Loaded>
  );
}
