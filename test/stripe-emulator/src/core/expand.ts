import { invalid } from './errors.js';
import { embedded, present } from './present.js';
import type { TableName } from './rows.js';
import type { World } from './world.js';

const BY_PREFIX: Record<string, TableName> = {
  cus: 'customers',
  pm: 'paymentMethods',
  pi: 'paymentIntents',
  re: 'refunds',
  prod: 'products',
  price: 'prices',
  mtr: 'meters',
  sub: 'subscriptions',
  in: 'invoices',
  ii: 'invoiceItems',
  cn: 'creditNotes',
  cbtxn: 'balances',
  clock: 'clocks',
};

type Json = Record<string, unknown>;

/** Fields that are left out until they are asked for. */
const INCLUDABLE: Record<string, (world: World, object: Json) => unknown> = {
  'price.tiers': (world, price) => world.store.get('prices', String(price.id))?._tiers ?? null,
  'invoice.payments': (world, invoice) =>
    embedded(
      world,
      world.store.all('invoicePayments').filter((one) => one.invoice === invoice.id),
      `/v1/invoice_payments?invoice=${invoice.id}`,
    ),
  'customer.subscriptions': (world, customer) =>
    embedded(
      world,
      world.store.all('subscriptions').filter((one) => one.customer === customer.id && one.status !== 'canceled'),
      `/v1/customers/${customer.id}/subscriptions`,
    ),
};

/** Replaces ids by their objects along each dotted path, at most four levels deep, as `expand[]` asks. */
export function expand(world: World, answer: unknown, paths: string[]): unknown {
  for (const path of paths) {
    const keys = path.split('.');
    if (keys.filter((key) => key !== 'data').length > 4) {
      throw invalid(
        `You cannot expand more than 4 levels of a property. The property you specified to expand, \`${path}\`, has more than 4 levels.`,
      );
    }
    walk(world, answer, keys, path);
  }
  return answer;
}

function walk(world: World, at: unknown, keys: string[], path: string): void {
  const [key, ...rest] = keys;
  if (key === undefined || at === null) return;
  if (Array.isArray(at)) {
    for (const one of at) walk(world, one, keys, path);
    return;
  }
  const refused = () => invalid(`This property cannot be expanded (${path}).`, 'expand');
  if (typeof at !== 'object') throw refused();
  const object = at as Json;
  const include = INCLUDABLE[`${object.object}.${key}`];
  if (include && object[key] === undefined) object[key] = include(world, object);
  const value = object[key];
  if (typeof value === 'string') {
    const table = BY_PREFIX[value.split('_')[0] ?? ''];
    const row = table ? world.store.get(table, value) : undefined;
    if (!row) throw refused();
    object[key] = present(world, row);
  } else if (value === undefined || (typeof value !== 'object' && rest.length === 0)) {
    throw refused();
  }
  walk(world, object[key], rest, path);
}
