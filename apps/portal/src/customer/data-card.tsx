import { Button } from '@mantine/core';
import { useState } from 'react';
import { useRead } from '../api/client.js';
import { type AssetGap, assetDataQuery } from '../api/operations/assets.js';
import { Card } from '../frame/page.js';
import { Lines, Loaded } from '../frame/states.js';
import { useI18n } from '../i18n/i18n.js';
import { monthSpan } from '../i18n/zoned.js';

const shownAtFirst = 5;
/** What the query asks for. */
const most = 100;

/** What was received of what the machine's controllers sent in the month, and where something is missing. */
export function DataCard({ assetId, month, zone }: { assetId: string; month: string; zone: string }) {
  const { text, formats } = useI18n();
  const t = text.machine;
  const span = monthSpan(month, zone);
  const read = useRead(
    assetDataQuery,
    { id: assetId, from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() },
    { keep: true, every: 120_000 },
  );
  return (
    <Card title={t.data(formats.month(span.from, zone))}>
      <Loaded read={read} skeleton={<Lines count={4} />} small>
        {() => {
          const asset = read.data?.asset;
          if (!asset || asset.completeness.received + asset.completeness.missing === 0)
            return <p className="dim">{t.dataNone}</p>;
          const { received, missing, lost, provable, share } = asset.completeness;
          return (
            <>
              <ul className="column">
                <li>
                  <span>
                    {t.dataComplete}
                    {!provable && <span className="cell-sub">{t.dataNotProvableWhy}</span>}
                  </span>
                  <span className="num strong">
                    {share === null ? t.dataNotProvable : formats.percent(shown(share), 2)}
                  </span>
                </li>
                <li>
                  <span>{t.dataReceived}</span>
                  <span className="num">{formats.count(received)}</span>
                </li>
                {missing > lost && (
                  <li>
                    <span>{t.dataMissing}</span>
                    <span className="num">{formats.count(missing - lost)}</span>
                  </li>
                )}
                {lost > 0 && (
                  <li>
                    <span>{t.dataLost}</span>
                    <span className="num">{formats.count(lost)}</span>
                  </li>
                )}
              </ul>
              {asset.gaps.length > 0 && <GapList gaps={asset.gaps} zone={zone} />}
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}

function GapList({ gaps, zone }: { gaps: readonly AssetGap[]; zone: string }) {
  const { text, formats } = useI18n();
  const t = text.machine;
  const [all, setAll] = useState(false);
  const state = ({ reason, asked }: AssetGap) => {
    if (reason) return reason === 'told' ? t.gapTold : t.gapUnanswered;
    return asked === 0 ? t.gapWaiting : t.gapAsked(asked);
  };
  return (
    <>
      <h3 className="dim" style={{ margin: '14px 0 2px', fontSize: 13, fontWeight: 500 }}>
        {t.gaps}
      </h3>
      <ul className="column">
        {(all ? gaps : gaps.slice(0, shownAtFirst)).map((gap) => (
          <li key={`${gap.thingName} ${gap.boot} ${gap.fromSeq}`}>
            <span>
              {gap.from
                ? t.gapBetween(formats.dayTime(gap.from, zone), formats.dayTime(gap.to, zone))
                : t.gapBefore(formats.dayTime(gap.to, zone))}
              <span className="cell-sub">
                <span className={`pill ${gap.state === 'lost' ? 'bad' : 'warn'}`}>{state(gap)}</span>
              </span>
            </span>
            <span className="num">{gap.messages === 1 ? t.gapOne : t.gapMessages(formats.count(gap.messages))}</span>
          </li>
        ))}
      </ul>
      {!all && gaps.length > shownAtFirst && (
        <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
          {t.showAll(gaps.length)}
        </Button>
      )}
      {all && gaps.length === most && <p className="dim">{t.gapsNewest(most)}</p>}
    </>
  );
}

/** In percent, never rounded up: what is not all must not look so. */
const shown = (share: string): number => Math.floor(Number(share) * 10_000) / 100;
