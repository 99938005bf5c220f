import { Button, Drawer } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { usePages } from '../api/client.js';
import {
  evidenceIntervalsQuery,
  evidenceMessagesQuery,
  evidenceWindowsQuery,
  type LineEvidence,
  type StatementLine,
} from '../api/operations/statements.js';
import type { ApiError } from '../api/post.js';
import { Failed, Lines } from '../frame/states.js';
import { unitName } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { Swatch } from '../parts/category.js';
import { ScrollBox } from '../parts/scroll-box.js';

interface Place {
  readonly statementId: string;
  readonly line: StatementLine;
}
interface Machine {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
}
interface Span {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

const pageSize = 50;
const hourMs = 3_600_000;
/** A long interval has thousands of messages; they are looked at an hour at a time from its start. */
const emptyPage = { edges: [], pageInfo: { hasNextPage: false, endCursor: null }, totalCount: 0 };

interface Listing {
  readonly nodes: readonly unknown[];
  readonly total: number | undefined;
  readonly error: ApiError | null;
  readonly data: unknown;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
  readonly refetch: () => unknown;
}

function Listed({ list, none, head, children }: { list: Listing; none: string; head: ReactNode; children: ReactNode }) {
  const { table, statement: t } = useI18n().text;
  if (list.data === undefined)
    return list.error ? <Failed error={list.error} retry={list.refetch} small /> : <Lines count={8} />;
  if (list.nodes.length === 0) return <p className="dim">{none}</p>;
  return (
    <>
      <ScrollBox label={t.evidence} free>
        <table className="data">
          <thead>{head}</thead>
          <tbody>{children}</tbody>
        </table>
      </ScrollBox>
      <div className="table-foot" style={{ alignItems: 'center' }}>
        <span>{t.shown(list.nodes.length, list.total ?? list.nodes.length)}</span>
        {list.hasNextPage && (
          <Button size="xs" variant="default" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            {table.more}
          </Button>
        )}
      </div>
    </>
  );
}

function Windows({ statementId, line, machine, onOpen }: Place & { machine: Machine; onOpen: (span: Span) => void }) {
  const { text, formats } = useI18n();
  const t = text.statement;
  const list = usePages(
    evidenceWindowsQuery,
    { id: statementId, assetId: machine.id, first: pageSize },
    (r) => r.statement?.lines.find((each) => each.id === line.id)?.evidence.windows ?? emptyPage,
  );
  return (
    <Listed
      list={list}
      none={t.noWindows}
      head={
        <tr>
          <th>{`${t.hour} (${formats.zone(machine.zone, line.periodFrom)})`}</th>
          <th className="end">{t.quantity}</th>
          <th>{t.quality}</th>
          <th>{t.readings}</th>
          <th className="end">{t.messagesHead}</th>
        </tr>
      }
    >
      {list.nodes.map((window) => {
        const label = formats.dayTime(window.hour, machine.zone);
        const to = new Date(Date.parse(window.hour) + hourMs).toISOString();
        return (
          <tr key={window.hour} className="row-link">
            <td className="num">{label}</td>
            <td className="end strong">{formats.quantity(window.quantity)}</td>
            <td>
              <span className={window.quality === 'measured' ? 'good' : 'warn'}>
                {text.quality[window.quality] ?? window.quality}
              </span>
              {window.version > 1 && <span className="cell-sub">{t.version(window.version)}</span>}
            </td>
            <td className="num">
              {window.fromReading && window.toReading ? (
                <>
                  {`${formats.decimal(window.fromReading.value)} → ${formats.decimal(window.toReading.value)}`}
                  <span className="cell-sub mono">{`${window.fromReading.boot}·${window.fromReading.seq} → ${window.toReading.boot}·${window.toReading.seq}`}</span>
                </>
              ) : (
                <span className="dim">–</span>
              )}
            </td>
            <td className="end">
              <Button
                size="compact-sm"
                variant="subtle"
                rightSection={<IconChevronRight size={14} />}
                aria-label={t.showMessages(label)}
                onClick={() => onOpen({ from: window.hour, to, label })}
              >
                {formats.count(window.messages)}
              </Button>
            </td>
          </tr>
        );
      })}
    </Listed>
  );
}

function Intervals({ statementId, line, machine, onOpen }: Place & { machine: Machine; onOpen: (span: Span) => void }) {
  const { text, formats } = useI18n();
  const t = text.statement;
  const list = usePages(
    evidenceIntervalsQuery,
    { id: statementId, assetId: machine.id, first: pageSize },
    (r) => r.statement?.lines.find((each) => each.id === line.id)?.evidence.intervals ?? emptyPage,
  );
  return (
    <Listed
      list={list}
      none={t.noWindows}
      head={
        <tr>
          <th>{`${t.interval} (${formats.zone(machine.zone, line.periodFrom)})`}</th>
          <th>{t.category}</th>
          <th className="end">{text.machine.duration}</th>
          <th className="end">{t.messagesHead}</th>
        </tr>
      }
    >
      {list.nodes.map(({ interval }) => {
        const label = `${formats.dayTime(interval.from, machine.zone)} – ${formats.time(interval.to, machine.zone)}`;
        return (
          <tr key={interval.from} className="row-link">
            <td className="num">{label}</td>
            <td>
              <Swatch category={interval.category} /> {text.category[interval.category]}
              <span className="cell-sub">{interval.detail}</span>
            </td>
            <td className="end">{formats.duration(Date.parse(interval.to) - Date.parse(interval.from))}</td>
            <td className="end">
              <Button
                size="compact-sm"
                variant="subtle"
                rightSection={<IconChevronRight size={14} />}
                aria-label={t.showMessages(label)}
                onClick={() => onOpen({ from: interval.from, to: interval.to, label })}
              >
                {formats.count(interval.evidence.messages)}
              </Button>
            </td>
          </tr>
        );
      })}
    </Listed>
  );
}

function Messages({ statementId, line, machine, span }: Place & { machine: Machine; span: Span }) {
  const { text, formats } = useI18n();
  const t = text.statement;
  const list = usePages(
    evidenceMessagesQuery,
    { id: statementId, assetId: machine.id, from: span.from, to: span.to, first: pageSize },
    (r) => r.statement?.lines.find((each) => each.id === line.id)?.evidence.messages ?? emptyPage,
  );
  return (
    <Listed
      list={list}
      none={t.noMessages}
      head={
        <tr>
          <th>{`${t.time} (${formats.zone(machine.zone, span.from)})`}</th>
          <th>{t.identity}</th>
          <th>{t.values}</th>
          <th className="end">{t.stored}</th>
        </tr>
      }
    >
      {list.nodes.map((message) => (
        <tr key={`${message.thingName}/${message.boot}/${message.seq}`} data-message={`${message.boot}/${message.seq}`}>
          <td className="num">{`${formats.dayShort(message.at, machine.zone)} ${formats.timeSeconds(message.at, machine.zone)}`}</td>
          <td>
            <span className="mono">{`${message.boot} · ${message.seq}`}</span>
            <span className="cell-sub">{message.thingName}</span>
          </td>
          <td>
            {message.values
              .filter((value) => value.value !== null)
              .map((value) => (
                <span key={value.metric} className="nowrap" style={{ marginRight: 10 }}>
                  <span className="dim">{value.metric}</span>{' '}
                  <span className="num">{`${formats.decimal(value.value ?? 0)} ${unitName(value.unit)}`}</span>
                </span>
              ))}
          </td>
          <td className="end dim">{formats.timeSeconds(message.storedAt, machine.zone)}</td>
        </tr>
      ))}
    </Listed>
  );
}

interface EvidenceProps extends Place {
  readonly evidence: LineEvidence;
  readonly zone: string;
  readonly onClose: () => void;
}

/** From a line to its machines, their windows or intervals, and at last the messages: each level paged. */
export function Evidence({ statementId, line, evidence, onClose }: EvidenceProps) {
  const { text, formats } = useI18n();
  const t = text.statement;
  const machines = evidence.assets.map(({ asset, quantity, windowCount }) => ({
    id: asset.id,
    name: asset.name,
    zone: asset.site.timeZone,
    quantity,
    windowCount,
  }));
  const only = machines.length === 1 ? machines[0] : undefined;
  const [machine, setMachine] = useState<Machine | undefined>(only);
  const [span, setSpan] = useState<Span | undefined>();
  const byWindow = evidence.windowCount > 0;
  const title =
    span && machine
      ? t.messagesOf(machine.name)
      : machine
        ? byWindow
          ? t.windowsOf(machine.name)
          : t.intervalsOf(machine.name)
        : t.byMachine;
  const back = span ? () => setSpan(undefined) : machine && !only ? () => setMachine(undefined) : undefined;
  return (
    <Drawer
      opened
      onClose={onClose}
      size={760}
      title={`${t.evidence}: ${line.description}`}
      closeButtonProps={{ 'aria-label': text.table.close }}
    >
      <div className="card-head">
        <h2 className="page-actions" style={{ alignItems: 'center', margin: 0, fontSize: 15 }}>
          {back && (
            <Button size="compact-sm" variant="default" leftSection={<IconChevronLeft size={14} />} onClick={back}>
              {t.back}
            </Button>
          )}
          {title}
          {span && <span className="dim">{span.label}</span>}
        </h2>
      </div>
      {span && machine ? (
        <Messages statementId={statementId} line={line} machine={machine} span={span} />
      ) : machine ? (
        byWindow ? (
          <Windows statementId={statementId} line={line} machine={machine} onOpen={setSpan} />
        ) : (
          <Intervals statementId={statementId} line={line} machine={machine} onOpen={setSpan} />
        )
      ) : (
        <table className="data">
          <thead>
            <tr>
              <th>{text.overview.machine}</th>
              <th className="end">{t.quantity}</th>
              <th className="end">{t.hour}</th>
            </tr>
          </thead>
          <tbody>
            {machines.map((each) => (
              <tr key={each.id} className="row-link pick" onClick={() => setMachine(each)}>
                <td>
                  <button type="button" className="row-button strong">
                    {each.name}
                  </button>
                </td>
                <td className="end">{each.quantity && formats.quantity(each.quantity)}</td>
                <td className="end dim">{each.windowCount > 0 && t.windows(each.windowCount)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Drawer>
  );
}
