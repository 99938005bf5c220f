import { Link } from 'react-router';
import { useRead } from '../api/client.js';
import { assetAvailabilityQuery, assetContractQuery } from '../api/operations/assets.js';
import { Card } from '../frame/page.js';
import { Lines, Loaded } from '../frame/states.js';
import { maySeeMoney, useConsole, useViewer } from '../frame/viewer.js';
import { useI18n } from '../i18n/i18n.js';
import { monthOf, monthSpan } from '../i18n/zoned.js';
import { useMinute } from '../parts/now.js';
import { type TermName, termsOf } from './availability-terms.js';

/** The arithmetic of a month's availability: every term down to the figure, and what is left until the next band. */
export function AvailabilityColumn({ assetId, month, zone }: { assetId: string; month: string; zone: string }) {
  const { text, formats } = useI18n();
  const t = text.machine;
  const minute = useMinute();
  const viewer = useViewer();
  const console = useConsole();
  const contractRead = useRead(assetContractQuery, { id: assetId }, { enabled: maySeeMoney(viewer) });
  const contract = contractRead.data?.asset?.contract ?? null;
  const span = monthSpan(month, contract?.timeZone ?? zone);
  const running = month === monthOf(minute, zone);
  const to = running ? Math.min(span.to, Math.floor(minute / 300_000) * 300_000 + 300_000) : span.to;
  const read = useRead(
    assetAvailabilityQuery,
    {
      id: assetId,
      month: running ? null : month,
      from: new Date(span.from).toISOString(),
      to: new Date(to).toISOString(),
    },
    { keep: true, every: 60_000, enabled: !maySeeMoney(viewer) || !contractRead.isPending },
  );
  const monthName = formats.month(span.from, zone);
  const minutes = (value: number) => `${formats.count(value)} ${t.unit}`;
  const nameOf = (name: TermName) => {
    if (name === 'outside') return contract ? t.notMeasured : t.notMeasuredNoContract;
    if (name === 'unknownExcluded' || name === 'degradedLoss' || name === 'unknownDown') return t[name];
    return text.category[name];
  };

  return (
    <Card title={t.availability(monthName)}>
      <Loaded read={read} skeleton={<Lines count={7} />} small>
        {() => {
          const asset = read.data?.asset;
          if (!asset || asset.availability.percent === null) return <p className="dim">{t.nothingKnown}</p>;
          const { guarantee, availability: raw } = asset;
          const figure = guarantee?.availability ?? raw;
          const terms = termsOf(figure, guarantee ? contract?.terms.guarantees[0]?.definition : undefined);
          const met = guarantee?.met;
          const left = guarantee?.leftMs;
          const lowest = guarantee && guarantee.nextBandBelow === null && Number(guarantee.creditPercent) > 0;
          const [before, band, after] =
            guarantee?.nextBandBelow && left !== null && left !== undefined
              ? t.nextBand(formats.percent(guarantee.nextBandBelow), formats.duration(left))
              : [];
          return (
            <>
              <ul className="column">
                <li>
                  <span>{running ? t.timeSoFar : t.timeTotal}</span>
                  <span className="num">{minutes(terms.total)}</span>
                </li>
                {terms.outside > 0 && (
                  <li>
                    <span>{nameOf('outside')}</span>
                    <span className="num">− {minutes(terms.outside)}</span>
                  </li>
                )}
                {terms.excluded.map((term) => (
                  <li key={term.name}>
                    <span>
                      {nameOf(term.name)} <span className="dim">{t.excluded}</span>
                    </span>
                    <span className="num">− {minutes(term.minutes)}</span>
                  </li>
                ))}
                <li className="sum">
                  <span>{t.measured}</span>
                  <span className="num">{minutes(terms.measured)}</span>
                </li>
                {terms.down.map((term) => (
                  <li key={term.name}>
                    <span>{nameOf(term.name)}</span>
                    <span className="num">− {minutes(term.minutes)}</span>
                  </li>
                ))}
                <li className="sum">
                  <span>{t.up}</span>
                  <span className="num">{minutes(terms.up)}</span>
                </li>
                {guarantee && (
                  <li className="sum">
                    <span>
                      {t.contractual}{' '}
                      <span className="dim" style={{ fontWeight: 400 }}>
                        {t.target(formats.percent(guarantee.target))}
                      </span>
                    </span>
                    <span className={`num ${met === false ? 'bad' : met ? 'good' : ''}`} data-figure="contractual">
                      {figure.percent === null ? '–' : formats.percent(figure.percent)}
                    </span>
                  </li>
                )}
                <li className="dim">
                  <span>{t.raw}</span>
                  <span className="num">{raw.percent === null ? '–' : formats.percent(raw.percent)}</span>
                </li>
              </ul>
              {guarantee ? (
                <div className="quote">
                  {Number(guarantee.creditPercent) > 0 && !lowest && (
                    <div>{t.credit(formats.percent(guarantee.creditPercent))}</div>
                  )}
                  {lowest && <div>{t.lowest(formats.percent(guarantee.creditPercent))}</div>}
                  {band && running && (
                    <div>
                      {before}
                      <b className="nowrap">{band}</b>
                      {after}
                    </div>
                  )}
                  {contract && (
                    <div>
                      {t.contract}{' '}
                      {console === 'finance' ? (
                        <Link to={`/finance/contracts/${contract.id}`}>{contract.number}</Link>
                      ) : (
                        contract.number
                      )}
                    </div>
                  )}
                </div>
              ) : (
                <p className="quote">{t.noGuarantee}</p>
              )}
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}
