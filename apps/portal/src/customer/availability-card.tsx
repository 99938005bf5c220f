import { Skeleton } from '@mantine/core';
import type { AssetRow, GuaranteeFigure } from '../api/operations/assets.js';
import { Stat } from '../frame/page.js';
import { useI18n } from '../i18n/i18n.js';
import { useNow } from '../parts/now.js';

/** The month over all machines, beside what is guaranteed and how long until the next credit. */
export function AvailabilityCard({
  assets,
  guarantees,
  loading,
  failed,
  zone,
}: {
  assets: readonly AssetRow[];
  guarantees: ReadonlyMap<string, GuaranteeFigure | null>;
  loading: boolean;
  failed: boolean;
  zone: string;
}) {
  const { text, formats } = useI18n();
  const t = text.overview;
  const month = formats.month(useNow(), zone);
  const figures = [...guarantees.values()].filter((figure) => figure !== null);
  if (loading && figures.length === 0)
    return <Stat label={t.availability(month)} value={<Skeleton height={30} width={120} />} />;
  const up = figures.reduce((sum, { availability }) => sum + Number(availability.upMs), 0);
  const measured = figures.reduce((sum, { availability }) => sum + availability.measuredMs, 0);
  const targets = new Set(figures.map((figure) => figure.target));
  const [target] = targets;
  const met = figures.filter((figure) => figure.met).length;
  const nearest = assets
    .flatMap(({ id, name }) => {
      const left = guarantees.get(id)?.leftMs;
      return left === null || left === undefined ? [] : [{ name, left }];
    })
    .sort((a, b) => a.left - b.left)[0];
  return (
    <Stat
      label={t.availability(month)}
      value={measured > 0 ? formats.percent((100 * up) / measured, 2) : '–'}
      note={
        figures.length > 0 ? (
          <>
            {targets.size === 1 && target ? t.guaranteed(formats.percent(target)) : t.guaranteedAll} ·{' '}
            {t.kept(met, figures.length)}
            {nearest && <div>{t.leftLeast(formats.duration(nearest.left), nearest.name)}</div>}
          </>
        ) : failed ? (
          text.states.failed
        ) : (
          t.noneAgreed
        )
      }
    />
  );
}
