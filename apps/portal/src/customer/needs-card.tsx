import { useState } from 'react';
import { Link } from 'react-router';
import { usePages } from '../api/client.js';
import { useLiveReader } from '../api/live.js';
import type { AssetRow, GuaranteeFigure } from '../api/operations/assets.js';
import { statementsQuery } from '../api/operations/statements.js';
import { maySeeMoney, useViewer } from '../frame/viewer.js';
import { useI18n } from '../i18n/i18n.js';
import { useNow } from '../parts/now.js';

const needsShown = 3;

/** What waits for the reader: machines that are down, silent or below their guarantee, statements to be paid. */
export function NeedsCard({
  assets,
  guarantees,
}: {
  assets: readonly AssetRow[];
  guarantees: ReadonlyMap<string, GuaranteeFigure | null>;
}) {
  const { text, formats } = useI18n();
  const t = text.overview;
  const viewer = useViewer();
  const newest = useLiveReader();
  const now = useNow();
  const open = usePages(statementsQuery, { first: 20, filter: { state: 'finalised' } }, (r) => r.statements, {
    enabled: maySeeMoney(viewer),
  });
  const [all, setAll] = useState(false);
  const needs: { key: string; to: string; text: string }[] = [];
  for (const asset of assets) {
    const { category, since } = newest(asset.live);
    const to = `/machines/${asset.id}`;
    if (category === 'vendor_down')
      needs.push({
        key: `d${asset.id}`,
        to,
        text: t.needDown(asset.name, since ? formats.duration(now - Date.parse(since)) : '–'),
      });
    if (category === 'unknown') needs.push({ key: `s${asset.id}`, to, text: t.needSilent(asset.name) });
  }
  for (const asset of assets) {
    const figure = guarantees.get(asset.id);
    if (figure?.met === false)
      needs.push({
        key: `g${asset.id}`,
        to: `/machines/${asset.id}`,
        text: t.needBelow(asset.name, formats.percent(figure.creditPercent)),
      });
  }
  for (const statement of open.nodes)
    needs.push({ key: statement.id, to: `/statements/${statement.id}`, text: t.needPay(statement.number) });
  return (
    <section className="card stat">
      <div className="label">{t.needs}</div>
      <div className="value">{formats.count(needs.length)}</div>
      {needs.length === 0 ? (
        <div className="note">{t.nothing}</div>
      ) : (
        <ul>
          {needs.slice(0, all ? needs.length : needsShown).map((need) => (
            <li key={need.key}>
              <Link to={need.to}>{need.text}</Link>
            </li>
          ))}
          {needs.length > needsShown && !all && (
            <li>
              <button type="button" className="row-button" onClick={() => setAll(true)}>
                {t.needMore(needs.length - needsShown)}
              </button>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}
