import type Stripe from 'stripe';
import { charged, chargeFields } from '../billing/charge.js';
import { addItem, changeItem, checkRoom, draftOnly, place } from '../billing/lines.js';
import { recompute } from '../billing/totals.js';
import { invalid } from '../core/errors.js';
import { page } from '../core/listing.js';
import {
  bool,
  emptyable,
  int,
  list,
  mergeMetadata,
  metadata,
  oneOf,
  paging,
  params,
  shape,
  text,
} from '../core/params.js';
import { linesOf } from '../core/present.js';
import { route } from '../core/route.js';
import type { InvoiceRow, LineRow } from '../core/rows.js';
import { differences, type World } from '../core/world.js';
import { checkPeriod, withUnit } from './invoice-items.js';

const content = {
  ...chargeFields,
  description: emptyable(text()),
  discountable: bool(),
  metadata: metadata(),
  period: shape({ end: int(0), start: int(0) }, {}),
};
const added = shape({}, { ...content, invoice_item: text() });
type Added = ReturnType<typeof added.parse>;
const changed = shape({ id: text() }, content);

const find = (world: World, id: string) => world.need('invoices', 'invoice', id, 'invoice');

/** Reads every line before the first is written, so that one that is refused leaves none behind. */
function check(world: World, invoice: InvoiceRow, lines: Added[]) {
  return lines.map((line, i) => {
    const path = `lines[${i}]`;
    checkPeriod(line.period, `${path}[period]`);
    if (line.invoice_item === undefined) {
      return { line, charge: charged(world, line, invoice.currency, line.description ?? null, path) };
    }
    const item = world.need('invoiceItems', 'Invoice Item', line.invoice_item, `${path}[invoice_item]`, 400);
    if (item.invoice !== null || item.customer !== invoice.customer || item.currency !== invoice.currency) {
      throw invalid(`The invoice item ${item.id} cannot be added to this invoice.`, `${path}[invoice_item]`);
    }
    return { line, item };
  });
}

function changeLine(
  world: World,
  invoice: InvoiceRow,
  id: string,
  given: Omit<Added, 'invoice_item'>,
  path = '',
): LineRow {
  const line = world.store.get('lines', id);
  if (!line || line.invoice !== invoice.id)
    throw invalid(`No such invoice line item: '${id}'`, path ? `${path}[id]` : 'line_item_id', 'resource_missing');
  const item = line._item ? world.store.get('invoiceItems', line._item) : undefined;
  if (!item) throw invalid('Only lines of invoice items can be changed.', path ? `${path}[id]` : 'line_item_id');
  checkPeriod(given.period, path ? `${path}[period]` : 'period');
  const priced = given.amount ?? given.quantity ?? given.quantity_decimal ?? given.price_data ?? given.pricing;
  const charge =
    priced === undefined
      ? null
      : charged(
          world,
          withUnit(given, item.pricing?.unit_amount_decimal ?? '0'),
          invoice.currency,
          item.description,
          path,
        );
  changeItem(world, {
    ...item,
    ...(charge
      ? {
          amount: charge.amount,
          net_amount: charge.amount,
          pricing: charge.pricing,
          quantity: charge.quantity,
          quantity_decimal: charge.quantity_decimal,
        }
      : {}),
    description: given.description === undefined ? item.description : given.description,
    discountable: given.discountable ?? item.discountable,
    metadata: mergeMetadata(item.metadata, given.metadata),
    period: given.period ?? item.period,
  });
  return world.store.get('lines', id) ?? line;
}

function finish(world: World, before: InvoiceRow, change: Record<string, string> | null | undefined): InvoiceRow {
  const after = recompute(world, { ...before, metadata: mergeMetadata(before.metadata, change) });
  world.emit('invoice.updated', after, differences(before, after));
  return after;
}

export const invoiceLines = [
  route(
    'GET',
    '/v1/invoices/:id/lines',
    params<Stripe.InvoiceListLineItemsParams>()({}, paging),
    (world, asked, { id }) => {
      find(world, id);
      const rows = linesOf(world, id);
      return { ...page(rows, `/v1/invoices/${id}/lines`, 'line_item', asked), total_count: rows.length };
    },
  ),
  route(
    'POST',
    '/v1/invoices/:id/add_lines',
    params<Stripe.InvoiceAddLinesParams>()({ lines: list(added) }, { invoice_metadata: metadata() }),
    (world, given, { id }) => {
      const invoice = find(world, id);
      draftOnly(invoice);
      checkRoom(world, id, given.lines.length);
      for (const { line, charge, item } of check(world, invoice, given.lines)) {
        if (item) {
          place(world, item, id);
          continue;
        }
        if (!charge || !invoice.customer) continue;
        addItem(world, {
          customer: invoice.customer,
          charge,
          description: line.description ?? null,
          discountable: line.discountable ?? charge.amount >= 0,
          metadata: line.metadata ?? {},
          period: line.period ?? null,
          clock: invoice.test_clock,
          invoice: id,
        });
      }
      return finish(world, invoice, given.invoice_metadata);
    },
  ),
  route(
    'POST',
    '/v1/invoices/:id/update_lines',
    params<Stripe.InvoiceUpdateLinesParams>()({ lines: list(changed) }, { invoice_metadata: metadata() }),
    (world, given, { id }) => {
      const invoice = find(world, id);
      draftOnly(invoice);
      given.lines.forEach(({ id: line, ...change }, i) => {
        changeLine(world, invoice, line, change, `lines[${i}]`);
      });
      return finish(world, invoice, given.invoice_metadata);
    },
  ),
  route(
    'POST',
    '/v1/invoices/:id/remove_lines',
    params<Stripe.InvoiceRemoveLinesParams>()(
      { lines: list(shape({ behavior: oneOf('delete', 'unassign'), id: text() }, {})) },
      { invoice_metadata: metadata() },
    ),
    (world, given, { id }) => {
      const invoice = find(world, id);
      draftOnly(invoice);
      const known = new Map(linesOf(world, id).map((line) => [line.id, line]));
      given.lines.forEach((one, i) => {
        if (!known.get(one.id)?._item)
          throw invalid(`No such invoice line item: '${one.id}'`, `lines[${i}][id]`, 'resource_missing');
      });
      for (const one of given.lines) {
        const item = world.store.get('invoiceItems', known.get(one.id)?._item ?? '');
        world.store.delete('lines', one.id);
        if (!item) continue;
        if (one.behavior === 'unassign') world.store.put('invoiceItems', { ...item, invoice: null, _line: null });
        else {
          world.store.delete('invoiceItems', item.id);
          world.emit('invoiceitem.deleted', item);
        }
      }
      return finish(world, invoice, given.invoice_metadata);
    },
  ),
  route(
    'POST',
    '/v1/invoices/:id/lines/:sub',
    params<Stripe.InvoiceUpdateLineItemParams>()({}, content),
    (world, given, { id, sub }) => {
      const invoice = find(world, id);
      draftOnly(invoice);
      changeLine(world, invoice, sub, given);
      finish(world, invoice, undefined);
      return world.store.get('lines', sub);
    },
  ),
];
