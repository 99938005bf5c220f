import { toAvailability, toTimelineInterval } from '@throughline/availability/graphql';
import { Decimal, Money, minorUnitDigits, Quantity } from '@throughline/kernel';
import type { EvidencedWindow, EvidenceReading } from '@throughline/metering';
import { type Connection, type MoneyType, moneyType, quantityType } from '@throughline/platform';
import type { RatedLine } from '@throughline/rating';
import type { ExplanationStep, Statement, StatementLine } from '@throughline/schema/billing';
import type { StoredReading } from '@throughline/telemetry';
import type { GuaranteeFigure } from '../../application/guarantee-figures.js';
import type { AssetInterval } from '../../application/line-evidence.js';
import type { StatementPreview } from '../../application/preview-terms.js';
import type { EvidenceIntervalType, EvidenceMessageType } from './evidence.types.js';
import type {
  EvidenceWindowType,
  ExplanationStepType,
  GuaranteeFigureType,
  MessageReadingType,
  PreviewLineType,
  StatementLineType,
  StatementPreviewType,
  StatementType,
} from './types.js';

/** Stored amounts have more places than the currency; a line's are rounded, so nothing is lost. */
const stored = (amount: string, currency: string): MoneyType =>
  moneyType(Money.of(new Decimal(amount).toDecimalPlaces(minorUnitDigits(currency)), currency));

export const toStatement = (row: Statement): StatementType => ({
  ...row,
  total: stored(row.total, row.currency),
  completeness: row.completeness ?? null,
  stripeInvoiceId: row.stripeInvoiceId ?? null,
  stripeInvoiceNumber: row.stripeInvoiceNumber ?? null,
  hostedInvoiceUrl: row.hostedInvoiceUrl ?? null,
  finalisedAt: row.finalisedAt ?? null,
  paidAt: row.paidAt ?? null,
});

const toStep = ({ text, quantity, unit, unitPrice, amount }: ExplanationStep): ExplanationStepType => ({
  text,
  quantity: quantity ?? null,
  unit: unit ?? null,
  unitPrice: unitPrice ?? null,
  amount: amount ?? null,
});

export const toLine = (row: StatementLine, currency: string): StatementLineType => ({
  ...row,
  meter: row.meter ?? null,
  assetId: row.assetId ?? null,
  quality: row.quality ?? null,
  quantity: row.quantity != null && row.unit != null ? quantityType(Quantity.of(row.quantity, row.unit)) : null,
  unitPrice: row.unitPrice == null ? null : new Decimal(row.unitPrice).toFixed(),
  amount: stored(row.amount, currency),
  explanation: row.explanation.map(toStep),
});

const toPreviewLine = (line: RatedLine): PreviewLineType => ({
  kind: line.kind,
  description: line.description,
  quantity: line.quantity && line.unit ? { value: line.quantity.toFixed(), unit: line.unit } : null,
  unitPrice: line.unitPrice?.toFixed() ?? null,
  amount: moneyType(line.amount),
  explanation: line.explanation.map(toStep),
});

export const toPreview = ({ period, completeTo, lines, total }: StatementPreview): StatementPreviewType => ({
  periodFrom: new Date(period.from),
  periodTo: new Date(period.to),
  completeTo: new Date(completeTo),
  lines: lines.map(toPreviewLine),
  total: moneyType(total),
});

export const toGuarantee = ({ figure, ...rest }: GuaranteeFigure): GuaranteeFigureType => ({
  ...rest,
  availability: toAvailability(figure),
});

const toReading = (reading: EvidenceReading | undefined): MessageReadingType | null =>
  reading
    ? {
        deviceId: reading.deviceId,
        boot: reading.boot,
        seq: reading.seq,
        at: new Date(reading.ts),
        value: new Decimal(reading.value).toFixed(),
      }
    : null;

export const toWindow = ({
  assetId,
  hour,
  quantity,
  quality,
  version,
  evidence,
}: EvidencedWindow): EvidenceWindowType => ({
  assetId,
  hour: new Date(hour),
  quantity: quantityType(quantity),
  quality,
  version,
  messages: evidence.messages,
  fromReading: toReading(evidence.from),
  toReading: toReading(evidence.to),
});

export const toInterval = ({ assetId, interval }: AssetInterval): EvidenceIntervalType => ({
  assetId,
  interval: toTimelineInterval(interval),
});

export const toMessage = ({ deviceId, boot, seq, ts, storedAt, values }: StoredReading): EvidenceMessageType => ({
  deviceId,
  boot,
  seq,
  at: new Date(ts),
  storedAt: new Date(storedAt),
  values: [...values.entries()].map(([{ name, unit }, value]) => ({ metric: name, value, unit })),
});

/** The same page of other nodes. */
export const mapped = <A, B>({ edges, ...rest }: Connection<A>, to: (node: A) => B): Connection<B> => ({
  ...rest,
  edges: edges.map(({ cursor, node }) => ({ cursor, node: to(node) })),
});
