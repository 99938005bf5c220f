import { Button, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useRead } from '../../api/client.js';
import { shadowHistoryQuery, shadowsQuery } from '../../api/operations/shadow.js';
import { Card } from '../../frame/page.js';
import { Empty, Loaded } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { useI18n } from '../../i18n/i18n.js';
import { readable } from '../parts/json.js';
import { ShadowEditor } from './shadow-editor.js';

function Document({ title, value }: { title: string; value: unknown }) {
  const { nothing } = useI18n().text.console.shadow;
  return (
    <div>
      <h3>{title}</h3>
      {value === null || value === undefined ? (
        <p className="dim">{nothing}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard (WCAG 2.1.1).
        <pre className="payload" tabIndex={0} data-document={title}>
          {readable(value)}
        </pre>
      )}
    </div>
  );
}

function History({ deviceId, name, zone }: { deviceId: string; name: string; zone: string }) {
  const { text, formats } = useI18n();
  const read = useRead(shadowHistoryQuery, { id: deviceId, name });
  return (
    <Card title={text.console.shadow.history}>
      <Loaded read={read} small>
        {() => {
          const edges = read.data?.device?.shadow?.history.edges ?? [];
          if (edges.length === 0) return <p className="dim">{text.console.shadow.noHistory}</p>;
          return (
            <ul className="changes">
              {edges.map(({ node }) => (
                <li key={node.id}>
                  <span className="dim">
                    {formats.dateTime(node.at, zone)} · {text.console.shadow.version(node.version)} · {node.author.name}
                  </span>{' '}
                  {JSON.stringify(node.desired)}
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Card>
  );
}

/** What is wanted of a device beside what it says, by shadow. */
export function ShadowTab({ deviceId, zone }: { deviceId: string; zone: string }) {
  const { text, formats } = useI18n();
  const t = text.console.shadow;
  const may = useMay();
  const read = useRead(shadowsQuery, { id: deviceId }, { every: 3000 });
  const [name, setName] = useState('');
  const [editing, setEditing] = useState(false);
  return (
    <Loaded read={read}>
      {() => {
        const shadows = (read.data?.device?.shadows.edges ?? []).map((edge) => edge.node);
        const shadow = shadows.find((each) => each.name === name) ?? shadows[0];
        const edit = may('devices:write') && (
          <Button variant="default" onClick={() => setEditing(true)}>
            {shadow ? t.edit : t.begin}
          </Button>
        );
        return (
          <>
            <Card
              title={shadow ? shadow.name || t.classic : t.title}
              aside={
                shadow && (
                  <span className="dim">
                    {t.version(shadow.version)} · {formats.dateTime(shadow.updatedAt, zone)}
                  </span>
                )
              }
            >
              {shadows.length > 1 && (
                <SegmentedControl
                  mb="md"
                  size="xs"
                  aria-label={t.title}
                  value={shadow?.name ?? ''}
                  onChange={setName}
                  data={shadows.map((each) => ({ value: each.name, label: each.name || t.classic }))}
                />
              )}
              {shadow ? (
                <>
                  <div className="thirds">
                    <Document title={t.desired} value={shadow.desired} />
                    <Document title={t.reported} value={shadow.reported} />
                    <Document title={t.delta} value={shadow.delta} />
                  </div>
                  <div className="actions" style={{ marginTop: 14 }}>
                    {edit}
                  </div>
                </>
              ) : (
                <Empty small title={t.none} hint={t.noneHint} action={edit} />
              )}
            </Card>
            {shadow && (
              <History key={`${shadow.name} ${shadow.version}`} deviceId={deviceId} name={shadow.name} zone={zone} />
            )}
            {editing && (
              <ShadowEditor
                deviceId={deviceId}
                name={shadow?.name ?? ''}
                version={shadow?.version ?? null}
                desired={shadow?.desired ?? {}}
                onClose={() => setEditing(false)}
              />
            )}
          </>
        );
      }}
    </Loaded>
  );
}
