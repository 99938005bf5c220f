import { Button } from '@mantine/core';
import { useRead, useWrite } from '../../api/client.js';
import { cancelJobExecution, deviceJobsQuery, type JobRow } from '../../api/operations/jobs.js';
import { Card } from '../../frame/page.js';
import { Empty, Loaded } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { useI18n } from '../../i18n/i18n.js';
import { isObject, readable } from '../parts/json.js';
import { TonePill } from '../parts/tone-pill.js';

function Execution({ row, zone }: { row: JobRow; zone: string }) {
  const { text, formats } = useI18n();
  const t = text.console.jobs;
  const may = useMay();
  const cancel = useWrite(cancelJobExecution, ['DeviceJobs']);
  const details = isObject(row.statusDetails) ? Object.entries(row.statusDetails) : [];
  return (
    <article className="term">
      <div className="term-head">
        <strong>{row.job.description || row.jobId}</strong>
        <span className="actions">
          {(row.status === 'QUEUED' || row.status === 'IN_PROGRESS') && may('jobs:write') && (
            <Button
              size="compact-sm"
              variant="default"
              loading={cancel.isPending}
              onClick={() => cancel.mutate({ id: row.id, force: row.status === 'IN_PROGRESS' })}
            >
              {t.cancel}
            </Button>
          )}
          <TonePill state={row.status} />
        </span>
      </div>
      <div className="dim">
        <span className="mono" style={{ overflowWrap: 'anywhere' }}>
          {row.jobId}
        </span>{' '}
        · {t.queued(formats.dateTime(row.queuedAt, zone))} · {row.job.createdBy}
      </div>
      {details.length > 0 && (
        <p style={{ margin: '6px 0', overflowWrap: 'anywhere' }}>
          {details.map(([key, value]) => `${key}: ${String(value)}`).join(' · ')}
        </p>
      )}
      <details>
        <summary>{t.document}</summary>
        <pre className="payload">{readable(row.job.document)}</pre>
      </details>
    </article>
  );
}

export function JobsTab({ deviceId, zone }: { deviceId: string; zone: string }) {
  const t = useI18n().text.console.jobs;
  const read = useRead(deviceJobsQuery, { id: deviceId }, { every: 3000 });
  return (
    <Card title={t.title}>
      <Loaded read={read} small>
        {() => {
          const rows = read.data?.device?.jobExecutions ?? [];
          if (rows.length === 0) return <Empty small title={t.none} hint={t.noneHint} />;
          return rows.map((row) => <Execution key={row.id} row={row} zone={zone} />);
        }}
      </Loaded>
    </Card>
  );
}
