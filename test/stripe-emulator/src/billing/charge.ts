import Stripe from 'stripe';
import { amountStep } from '../core/currencies.js';
import { invalid, missing } from '../core/errors.js';
import { newId } from '../core/ids.js';
import { canonical, lineAmount, truncated, wholeOrNull } from '../core/money.js';
import { amount, currency, decimal, int, shape, text } from '../core/params.js';
import type { InvoiceItemRow, PriceRow, ProductRow } from '../core/rows.js';
import type { World } from '../core/world.js';

export const priceData = shape(
  { currency: currency() },
  {
    product: text(),
    product_data: shape({ name: text() }, { description: text(), unit_label: text() }),
    unit_amount: amount(),
    unit_amount_decimal: decimal(12, true),
  },
);

/** The parameters that say how much: shared by invoice items and invoice lines. */
export const chargeFields = {
  amount: amount(),
  price_data: priceData,
  pricing: shape({}, { price: text() }),
  quantity: int(0),
  quantity_decimal: decimal(),
};

export interface Charge {
  amount?: number;
  price_data?: {
    currency: string;
    product?: string;
    product_data?: { name: string };
    unit_amount?: number;
    unit_amount_decimal?: string;
  };
  pricing?: { price?: string };
  quantity?: number;
  quantity_decimal?: string;
  unit_amount_decimal?: string;
}

export interface Charged {
  amount: number;
  currency: string;
  quantity: number;
  quantity_decimal: string;
  pricing: NonNullable<InvoiceItemRow['pricing']>;
}

const at = (path: string, name: string) => (path ? `${path}[${name}]` : name);

/**
 * What a charge comes to: a plain amount, or unit amount × quantity rounded half up once. As Stripe does, a price without
 * a catalogue entry is minted behind it. `expected` is the currency of the invoice, if any.
 */
export function charged(
  world: World,
  input: Charge,
  expected: string | null,
  label: string | null,
  path = '',
): Charged {
  if (input.quantity !== undefined && input.quantity_decimal !== undefined) {
    throw invalid('You may only specify one of these parameters: quantity, quantity_decimal.', at(path, 'quantity'));
  }
  const given = [
    input.amount !== undefined && 'amount',
    input.price_data && 'price_data',
    input.pricing?.price && 'pricing[price]',
    input.unit_amount_decimal !== undefined && 'unit_amount_decimal',
  ].filter((name) => typeof name === 'string');
  if (given.length > 1) {
    throw invalid(`You may only specify one of these parameters: ${given.join(', ')}.`, at(path, given[0] ?? ''));
  }
  if (input.amount !== undefined && (input.quantity !== undefined || input.quantity_decimal !== undefined)) {
    throw invalid('You may only specify one of these parameters: amount, quantity.', at(path, 'amount'));
  }
  const price = resolvePrice(world, input, expected, label, path);
  const quantity = canonical(input.quantity_decimal ?? String(input.quantity ?? 1));
  const unit = price.unit_amount_decimal ?? '0';
  const step = amountStep(price.currency);
  if (input.amount !== undefined && input.amount % step !== 0) {
    throw invalid(
      `Invalid amount. Amounts in ${price.currency} must be evenly divisible by ${step}. See https://stripe.com/docs/currencies#special-cases for more information.`,
      at(path, 'amount'),
      'invalid_charge_amount_no_decimal_compatible',
    );
  }
  return {
    amount: input.amount ?? lineAmount(unit, quantity),
    currency: price.currency,
    quantity: truncated(quantity),
    quantity_decimal: quantity,
    pricing: {
      type: 'price_details',
      price_details: { price: price.id, product: price.product },
      unit_amount_decimal: unit,
    },
  };
}

function resolvePrice(
  world: World,
  input: Charge,
  expected: string | null,
  label: string | null,
  path: string,
): PriceRow {
  if (input.pricing?.price) {
    const price = world.store.get('prices', input.pricing.price);
    if (!price) throw missing('price', input.pricing.price, at(path, 'pricing[price]'), 400);
    if (price.type === 'recurring') {
      throw invalid(
        'The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.',
        at(path, 'pricing[price]'),
      );
    }
    if (!price.active)
      throw invalid(
        'The price specified is inactive. This field only accepts active prices.',
        at(path, 'pricing[price]'),
      );
    return matching(price, expected, path);
  }
  const data = input.price_data;
  if (data && data.unit_amount !== undefined && data.unit_amount_decimal !== undefined) {
    throw invalid(
      'You may only specify one of these parameters: unit_amount, unit_amount_decimal.',
      at(path, 'price_data[unit_amount]'),
    );
  }
  const unit = input.amount ?? input.unit_amount_decimal ?? data?.unit_amount ?? data?.unit_amount_decimal;
  if (unit === undefined) {
    const name = data ? 'price_data[unit_amount]' : 'amount';
    throw invalid(`Missing required param: ${at(path, name)}.`, at(path, name), 'parameter_missing');
  }
  const money = data?.currency ?? expected;
  if (money === null) throw invalid('Missing required param: currency.', 'currency', 'parameter_missing');
  const product = data?.product
    ? world.need('products', 'product', data.product, at(path, 'price_data[product]'), 400)
    : mintProduct(world, data?.product_data?.name ?? label ?? 'One-off charge');
  return matching(mintPrice(world, product.id, money, canonical(String(unit))), expected, path);
}

function matching(price: PriceRow, expected: string | null, path: string): PriceRow {
  if (expected !== null && price.currency !== expected) {
    throw invalid(
      `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${expected}\`.`,
      at(path, 'currency'),
    );
  }
  return price;
}

/** Products of one-off charges are shared by name. */
function mintProduct(world: World, name: string): ProductRow {
  const found = world.store.all('products').find((one) => one._minted && one.name === name);
  if (found) return found;
  const created = world.now();
  return world.store.put('products', {
    id: newId('prod'),
    object: 'product',
    active: false,
    created,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: created,
    url: null,
    _minted: true,
  });
}

function mintPrice(world: World, product: string, money: string, unit: string): PriceRow {
  return world.store.put('prices', {
    id: newId('price'),
    object: 'price',
    active: false,
    billing_scheme: 'per_unit',
    created: world.now(),
    currency: money,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product,
    recurring: null,
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: 'one_time',
    unit_amount: wholeOrNull(unit),
    unit_amount_decimal: unit,
    _tiers: [],
  });
}

/** What remains of an amount for the part of a period that is left, rounded half up. */
export const prorated = (total: number, left: number, whole: number): number =>
  Number(
    Stripe.Decimal.from(total)
      .mul(Stripe.Decimal.from(left))
      .div(Stripe.Decimal.from(whole), 34, 'half-even')
      .toFixed(0, 'half-up'),
  ) + 0;
