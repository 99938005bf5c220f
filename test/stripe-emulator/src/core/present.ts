import type { CreditNoteRow, InvoiceRow, LineRow } from './rows.js';
import type { Store } from './store.js';
import type { WireList } from './wire.js';

const EMBEDDED_PAGE = 10;

/** A row as the API shows it: without the emulator's own fields, and with the first page of the lists it carries. */
export function present(world: { readonly store: Store }, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => present(world, one));
  if (typeof value !== 'object' || value === null) return value;
  if ('_deleted' in value && value._deleted && 'id' in value && 'object' in value) {
    return { id: value.id, object: value.object, deleted: true };
  }
  const shown: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    if (!key.startsWith('_') && field !== undefined) shown[key] = present(world, field);
  }
  if (shown.object === 'invoice' && !('deleted' in shown)) {
    const invoice = value as InvoiceRow;
    shown.lines = embedded(world, linesOf(world, invoice.id), `/v1/invoices/${invoice.id}/lines`);
  }
  if (shown.object === 'credit_note') {
    const note = value as CreditNoteRow;
    shown.lines = embedded(world, note._lines, `/v1/credit_notes/${note.id}/lines`);
  }
  return shown;
}

export const embedded = (world: { readonly store: Store }, rows: unknown[], url: string): WireList => ({
  object: 'list',
  data: rows.slice(0, EMBEDDED_PAGE).map((row) => present(world, row)),
  has_more: rows.length > EMBEDDED_PAGE,
  total_count: rows.length,
  url,
});

/** Lines in Stripe's order: those of invoice items newest first, then those of subscription items newest first. */
export function linesOf(world: { readonly store: Store }, invoice: string): LineRow[] {
  const rows = world.store.of('lines', invoice).reverse();
  const ofItems = rows.filter((line) => line.parent?.type === 'invoice_item_details');
  return [...ofItems, ...rows.filter((line) => line.parent?.type !== 'invoice_item_details')];
}
