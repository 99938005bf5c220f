import { Link } from 'react-router';
import { useLive } from '../api/live.js';
import type { AssetRow, GuaranteeFigure } from '../api/operations/assets.js';
import type { Live } from '../api/operations/live.js';
import { consoleBase, useConsole } from '../frame/viewer.js';
import { useFormats, useText } from '../i18n/i18n.js';
import { StatePill } from '../parts/category.js';
import { useNow } from '../parts/now.js';

export function MachineName({ asset }: { asset: Pick<AssetRow, 'id' | 'name' | 'location'> }) {
  const base = consoleBase[useConsole()];
  return (
    <Link className="row-title" to={`${base}/machines/${asset.id}`}>
      {asset.name}
      {asset.location && <span> · {asset.location}</span>}
    </Link>
  );
}

export function LivePill({ live }: { live: Live }) {
  return <StatePill live={useLive(live)} />;
}

/** Age of the newest message, with its time in the site's zone on hover. */
export function LastMessage({ live, zone }: { live: Live; zone: string }) {
  const { at } = useLive(live);
  return <Age at={at} zone={zone} />;
}

export function Age({ at, zone }: { at: string | null; zone: string }) {
  const t = useText();
  const formats = useFormats();
  const now = useNow();
  if (!at) return <span className="dim">{t.devices.never}</span>;
  const age = now - Date.parse(at);
  return (
    <time dateTime={at} title={`${formats.dateTime(at, zone)} ${formats.zone(zone, at)}`}>
      {age < 30_000 ? t.time.justNow : t.time.ago(formats.duration(age))}
    </time>
  );
}

export function MonthFigure({ figure }: { figure: GuaranteeFigure | null | undefined }) {
  const formats = useFormats();
  if (!figure?.availability.percent) return <span className="dim">–</span>;
  return <>{formats.percent(figure.availability.percent)}</>;
}

export function Met({ figure }: { figure: GuaranteeFigure | null | undefined }) {
  const t = useText().overview;
  const formats = useFormats();
  if (!figure || figure.met === null) return <span className="dim">{figure ? '–' : t.noGuarantee}</span>;
  return (
    <span className={figure.met ? 'good' : 'bad'} title={t.guaranteed(formats.percent(figure.target))}>
      {figure.met ? t.met : t.isBelow}
    </span>
  );
}
