/** UCUM codes of the units we meet, as people write them. */
const unitNames: Record<string, string> = {
  m3: 'm³',
  Cel: '°C',
  '[degF]': '°F',
  'L/min': 'l/min',
  L: 'l',
  'm3/h': 'm³/h',
  'kW.h': 'kWh',
  '1': '',
  '[g]': 'g',
};
export const unitName = (ucum: string): string => unitNames[ucum] ?? ucum;

type Instant = string | number | Date;
const dateOf = (instant: Instant) => (instant instanceof Date ? instant : new Date(instant));
/** What is counted rather than measured (machines, contracts), said in words. */
export type Counted = Readonly<Record<string, (n: number, shown: string) => string>>;

const exact = (decimal: string | number) => decimal as Intl.StringNumericLiteral;
const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export const browserZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Numbers, money and times in one locale. Decimals are formatted from their text, so no digit is lost. */
export class Formats {
  private readonly dates = new Map<string, Intl.DateTimeFormat>();
  private readonly numbers = new Map<string, Intl.NumberFormat>();

  constructor(
    readonly locale: string,
    private readonly counted: Counted = {},
  ) {}

  private date_(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    let format = this.dates.get(key);
    if (!format) {
      format = new Intl.DateTimeFormat(this.locale, options);
      this.dates.set(key, format);
    }
    return format;
  }

  private number_(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = JSON.stringify(options);
    let format = this.numbers.get(key);
    if (!format) {
      format = new Intl.NumberFormat(this.locale, options);
      this.numbers.set(key, format);
    }
    return format;
  }

  count(value: number): string {
    return this.number_({ maximumFractionDigits: 0 }).format(value);
  }

  /** A decimal with the decimals it was written with, or with `decimals` at most. */
  decimal(value: string | number, decimals?: number): string {
    const written = typeof value === 'string' ? (value.split('.')[1]?.length ?? 0) : 3;
    return this.number_({
      minimumFractionDigits: typeof value === 'string' ? Math.min(written, decimals ?? 12) : 0,
      maximumFractionDigits: decimals ?? Math.min(written, 12),
    }).format(exact(value));
  }

  /** "99.41" → "99.41 %" */
  percent(value: string | number, decimals?: number): string {
    return `${this.decimal(value, decimals)} %`;
  }

  money(value: { amount: string; currency: string }): string {
    return this.number_({ style: 'currency', currency: value.currency, currencyDisplay: 'narrowSymbol' })
      .format(exact(value.amount))
      .replace('-', '− ');
  }

  /** Prices a unit, and amounts before rounding, keep their decimals: 0.0115. Given `decimals`, they have so many at least. */
  price(amount: string, currency: string, decimals = 2): string {
    const written = amount.split('.')[1]?.length ?? 0;
    return this.number_({
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: Math.max(decimals, Math.min(written, 12)),
      maximumFractionDigits: 12,
    })
      .format(exact(amount))
      .replace('-', '− ');
  }

  /** Rounded to whole units of the currency: for forecasts. */
  moneyAbout(amount: number, currency: string): string {
    return this.number_({
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      maximumFractionDigits: 0,
    }).format(amount);
  }

  quantity(value: { value: string; unit: string }, decimals = 3): string {
    const unit = unitName(value.unit);
    const words = this.counted[value.unit];
    const trimmed = value.value.includes('.') ? value.value.replace(/0+$/, '').replace(/\.$/, '') : value.value;
    const shown = this.decimal(trimmed, decimals);
    return words ? words(Number(trimmed), shown) : `${shown}${unit && ` ${unit}`}`;
  }

  /** Large quantities of headlines: no decimals from 1,000 on. */
  quantityShort(value: { value: string; unit: string }): string {
    // Lengths of time are metered in seconds and read in hours.
    if (value.unit === 's') return `${this.decimal(Number(value.value) / 3600, 1)} h`;
    return this.quantity(value, Math.abs(Number(value.value)) >= 1000 ? 0 : 1);
  }

  /** "09:42" */
  time(instant: Instant, zone: string): string {
    return this.date_(`t${zone}`, { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
      dateOf(instant),
    );
  }

  timeSeconds(instant: Instant, zone: string): string {
    return this.date_(`ts${zone}`, { timeZone: zone, timeStyle: 'medium', hourCycle: 'h23' }).format(dateOf(instant));
  }

  /** "4 March 2025" */
  date(instant: Instant, zone: string): string {
    return this.date_(`d${zone}`, { timeZone: zone, day: 'numeric', month: 'long', year: 'numeric' }).format(
      dateOf(instant),
    );
  }

  /** "4 Mar" */
  dayShort(instant: Instant, zone: string): string {
    return this.date_(`ds${zone}`, { timeZone: zone, day: 'numeric', month: 'short' }).format(dateOf(instant));
  }

  /** "21 November" */
  day(instant: Instant, zone: string): string {
    return this.date_(`dl${zone}`, { timeZone: zone, day: 'numeric', month: 'long' }).format(dateOf(instant));
  }

  /** "4 Mar 2025, 09:42" */
  dateTime(instant: Instant, zone: string): string {
    return this.date_(`dt${zone}`, {
      timeZone: zone,
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).format(dateOf(instant));
  }

  /** "1 Oct 00:00" */
  dayTime(instant: Instant, zone: string): string {
    return `${this.dayShort(instant, zone)} ${this.time(instant, zone)}`;
  }

  /** "November" or, of another year, "November 2025". */
  month(instant: Instant, zone: string): string {
    return this.date_(`m${zone}`, { timeZone: zone, month: 'long' }).format(dateOf(instant));
  }

  monthYear(instant: Instant, zone: string): string {
    return this.date_(`my${zone}`, { timeZone: zone, month: 'long', year: 'numeric' }).format(dateOf(instant));
  }

  /** "CET" or "GMT+1": the zone's own name at that time. */
  zone(zone: string, instant: Instant = Date.now()): string {
    const parts = this.date_(`z${zone}`, { timeZone: zone, timeZoneName: 'short' }).formatToParts(dateOf(instant));
    return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone;
  }

  /** "3 h 12 min", "38 min", "12 s", "4 d 2 h": two units at most. */
  duration(ms: number): string {
    const length = Math.max(0, ms);
    const unit = (n: number, name: string) => `${this.count(n)} ${name}`;
    if (length < minuteMs) return unit(Math.round(length / secondMs), 's');
    const minutes = Math.round(length / minuteMs);
    const pair = (big: number, bigName: string, small: number, smallName: string) =>
      small ? `${unit(big, bigName)} ${unit(small, smallName)}` : unit(big, bigName);
    if (minutes < 60) return unit(minutes, 'min');
    if (length < 2 * dayMs) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
    const hours = Math.round(length / hourMs);
    return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
  }
}
