import { memo, type PointerEvent, useId, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import type { Category } from '../api/operations/live.js';
import { useFormats, useText } from '../i18n/i18n.js';

/** What the strip draws; times RFC 3339. */
export interface StripInterval {
  readonly from: string;
  readonly to: string;
  readonly category: Category;
  readonly fraction: string | null;
  readonly detail: string;
}

interface StripProps<I extends StripInterval> {
  readonly intervals: readonly I[];
  /** [from, to) shown, ms. */
  readonly from: number;
  readonly to: number;
  readonly zone: string;
  readonly height: number;
  readonly label: string;
  /** With it the strip is a list one can move through and choose from. */
  readonly onSelect?: (interval: I) => void;
  readonly onOpen?: (interval: I) => void;
  readonly selected?: I | undefined;
}

/** Narrower intervals have no edge: many of them would be all edges. */
const edgeFrom = 0.008;

const share = (part: number, whole: number) => `${(part / whole) * 100}%`;

function useTell(zone: string) {
  const t = useText();
  const formats = useFormats();
  return (interval: StripInterval) => {
    const from = Date.parse(interval.from);
    const to = Date.parse(interval.to);
    const fraction = interval.fraction ? ` ${formats.percent(Math.round(Number(interval.fraction) * 100))}` : '';
    const far = to - from > 86_400_000 || formats.dayShort(from, zone) !== formats.dayShort(Date.now(), zone);
    const at = (instant: number) => (far ? formats.dayTime(instant, zone) : formats.time(instant, zone));
    return {
      what: `${t.category[interval.category]}${fraction}`,
      when: `${at(from)} – ${at(to)} ${formats.zone(zone, from)} · ${formats.duration(to - from)}`,
      detail: interval.detail,
    };
  };
}

/** One colour a category over time: the picture of a machine's state. */
function StripOf<I extends StripInterval>(props: StripProps<I>) {
  const { intervals, from, to, zone, height, label, onSelect, onOpen, selected } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [hover, setHover] = useState<{ interval: I; x: number; y: number } | null>(null);
  const tell = useTell(zone);
  const length = to - from;
  const shown = useMemo(
    () => intervals.filter((i) => Date.parse(i.to) > from && Date.parse(i.from) < to),
    [intervals, from, to],
  );

  const at = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect();
    if (!rect) return;
    const instant = from + ((event.clientX - rect.left) / rect.width) * length;
    const interval = shown.find((i) => Date.parse(i.from) <= instant && instant < Date.parse(i.to));
    setHover(interval ? { interval, x: event.clientX, y: rect.bottom } : null);
  };

  const selectedIndex = selected ? shown.indexOf(selected) : -1;
  const interactive = onSelect
    ? ({
        role: 'listbox',
        tabIndex: 0,
        'aria-orientation': 'horizontal',
        'aria-activedescendant': selectedIndex >= 0 ? `${id}-${selectedIndex}` : undefined,
        onKeyDown: (event: React.KeyboardEvent) => {
          const last = shown.length - 1;
          const places: Record<string, number> = {
            ArrowRight: Math.min(last, selectedIndex + 1),
            ArrowLeft: selectedIndex < 0 ? last : Math.max(0, selectedIndex - 1),
            Home: 0,
            End: last,
          };
          const place = places[event.key];
          const next = place === undefined ? undefined : shown[place];
          if (next) {
            event.preventDefault();
            onSelect(next);
          } else if (event.key === 'Enter' && selected) onOpen?.(selected);
        },
      } as const)
    : ({ role: 'img' } as const);

  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the role is among the spread props: listbox, or img with a label.
    <div
      ref={box}
      className={`strip${onSelect ? ' timeline-big' : ''}`}
      style={{ height }}
      aria-label={label}
      onPointerMove={at}
      onPointerLeave={() => setHover(null)}
      {...interactive}
    >
      {shown.map((interval, index) => {
        const start = Math.max(from, Date.parse(interval.from));
        const end = Math.min(to, Date.parse(interval.to));
        const style = {
          left: share(start - from, length),
          width: share(end - start, length),
          background: `var(--c-${interval.category})`,
        };
        const patterned = interval.category === 'unknown' || interval.category === 'not_contracted';
        const className = patterned
          ? `cat-${interval.category}`
          : (end - start) / length > edgeFrom
            ? 'edge'
            : undefined;
        if (!onSelect) return <i key={interval.from} style={style} className={className} />;
        const said = tell(interval);
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: keys and focus belong to the listbox around it.
          <span
            key={interval.from}
            id={`${id}-${index}`}
            role="option"
            aria-selected={interval === selected}
            aria-label={`${said.what}, ${said.when}`}
            style={style}
            className={className}
            onClick={() => onSelect(interval)}
            onDoubleClick={() => onOpen?.(interval)}
          />
        );
      })}
      {hover &&
        createPortal(
          <div
            className="strip-tip"
            style={{ left: Math.max(8, Math.min(hover.x - 20, innerWidth - 330)), top: hover.y + 8 }}
          >
            <Tip {...tell(hover.interval)} category={hover.interval.category} />
          </div>,
          document.body,
        )}
    </div>
  );
}

function Tip({ what, when, detail, category }: { what: string; when: string; detail: string; category: Category }) {
  return (
    <>
      <b>
        <i className={`swatch cat-${category}`} style={{ background: `var(--c-${category})` }} />
        {what}
      </b>
      <div className="dim">{when}</div>
      {detail && <div className="dim">{detail}</div>}
    </>
  );
}

export const Strip = memo(StripOf) as typeof StripOf;

/** Sums by category, for the label of a strip that cannot be walked through. */
export function useStripSummary(): (name: string, intervals: readonly StripInterval[]) => string {
  const t = useText().category;
  const formats = useFormats();
  return (name, intervals) => {
    const sums = new Map<Category, number>();
    for (const { category, from, to } of intervals)
      sums.set(category, (sums.get(category) ?? 0) + Date.parse(to) - Date.parse(from));
    const parts = [...sums]
      .sort((a, b) => b[1] - a[1])
      .map(([category, ms]) => `${t[category]} ${formats.duration(ms)}`);
    return [name, ...parts].join(', ');
  };
}
