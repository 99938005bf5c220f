import type { Terms } from '../api/operations/finance.js';
import { Card } from '../frame/page.js';
import { unitName } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';

function ChargeView({ charge, currency }: { charge: Terms['charges'][number]; currency: string }) {
  const { text, formats } = useI18n();
  const t = text.terms;
  if (charge.kind === 'recurring')
    return (
      <div className="term-line">
        <span>{charge.description}</span>
        <span className="num">
          {t.recurringSummary(
            formats.price(charge.amount ?? '0', currency),
            charge.per === 'asset' ? t.perAsset : t.perContract,
          )}
        </span>
      </div>
    );
  const unit = unitName(charge.unit ?? '');
  const tiers = charge.tiers ?? [];
  return (
    <>
      <div className="term-line">
        <span>
          {charge.description} <span className="dim">{charge.meter}</span>
        </span>
        <span>
          {charge.priceModel === 'graduated'
            ? t.graduatedSummary(charge.pooling === 'asset' ? t.poolAsset : t.poolContract)
            : t.usageSummary(formats.price(charge.unitPrice ?? '0', currency), unit)}
        </span>
      </div>
      {charge.priceModel === 'graduated' && (
        <table className="data" style={{ marginBottom: 12 }}>
          <thead>
            <tr>
              <th>{t.from}</th>
              <th>{t.to}</th>
              <th className="end">{t.unitPrice(unit)}</th>
            </tr>
          </thead>
          <tbody>
            {tiers.map((tier, index) => (
              <tr key={tier.upTo ?? 'rest'}>
                <td className="num">{formats.decimal(tiers[index - 1]?.upTo ?? '0')}</td>
                <td className="num">{tier.upTo === null ? t.andMore : formats.decimal(tier.upTo)}</td>
                <td className="end">{formats.price(tier.unitPrice, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

/** Terms as they are agreed: read only. */
export function TermsView({ terms }: { terms: Terms }) {
  const { text, formats } = useI18n();
  const t = text.terms;
  return (
    <>
      <Card title={t.charges}>
        {terms.charges.length === 0 && <p className="dim">{t.noCharges}</p>}
        {terms.charges.map((charge) => (
          <ChargeView key={charge.key} charge={charge} currency={terms.currency} />
        ))}
      </Card>
      <Card title={t.guarantee}>
        {terms.guarantees.length === 0 && <p className="dim">{t.noGuarantee}</p>}
        {terms.guarantees.map((guarantee) => {
          const { definition } = guarantee;
          const [before, cap, after] = t.capText(formats.percent(guarantee.capPercent));
          const counts = t.unknownModes;
          return (
            <div key={guarantee.key}>
              <div className="term-line">
                <span>{guarantee.description}</span>
                <span className="num">{t.guaranteeSummary(formats.percent(guarantee.target))}</span>
              </div>
              <table className="data">
                <thead>
                  <tr>
                    <th>{t.below}</th>
                    <th className="end">{t.credit}</th>
                  </tr>
                </thead>
                <tbody>
                  {guarantee.bands.map((band) => (
                    <tr key={band.below}>
                      <td className="num">{formats.percent(band.below)}</td>
                      <td className="end">{formats.percent(band.creditPercent)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
              <div className="quote">
                {before}
                <b>{cap}</b>
                {after} ·{' '}
                {definition.unknownMode === 'last_state_for'
                  ? t.unknownLast(definition.unknownMinutes ?? 0, counts[definition.unknownThen ?? 'excluded'] ?? '')
                  : t.unknownText[definition.unknownMode]}
              </div>
            </div>
          );
        })}
      </Card>
    </>
  );
}
