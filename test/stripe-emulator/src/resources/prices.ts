import type Stripe from 'stripe';
import { invalid } from '../core/errors.js';
import { newId } from '../core/ids.js';
import { page } from '../core/listing.js';
import { canonical, wholeOrNull } from '../core/money.js';
import {
  amount,
  bool,
  currency,
  decimal,
  type Field,
  int,
  list,
  mergeMetadata,
  metadata,
  nothing,
  oneOf,
  paging,
  params,
  range,
  shape,
  text,
  within,
} from '../core/params.js';
import { route } from '../core/route.js';
import type { PriceRow, Tier } from '../core/rows.js';
import { differences, type World } from '../core/world.js';
import { makeProduct } from './products.js';

const upTo: Field<number | null> = { parse: (raw, path) => (raw === 'inf' ? null : int(1).parse(raw, path)) };
const money = { unit_amount: amount(0), unit_amount_decimal: decimal() };
const tier = shape({ up_to: upTo }, { ...money, flat_amount: amount(0), flat_amount_decimal: decimal() });

const create = params<Stripe.PriceCreateParams>()(
  { currency: currency() },
  {
    ...money,
    active: bool(),
    billing_scheme: oneOf('per_unit', 'tiered'),
    lookup_key: text(200),
    metadata: metadata(),
    nickname: text(),
    product: text(),
    product_data: shape({ name: text() }, { active: bool(), id: text(), metadata: metadata(), unit_label: text() }),
    recurring: shape(
      { interval: oneOf('day', 'month', 'week', 'year') },
      { interval_count: int(1, 1095), meter: text(), usage_type: oneOf('licensed', 'metered') },
    ),
    tax_behavior: oneOf('exclusive', 'inclusive', 'unspecified'),
    tiers: list(tier, 100),
    tiers_mode: oneOf('graduated', 'volume'),
    transfer_lookup_key: bool(),
    transform_quantity: shape({ divide_by: int(1), round: oneOf('down', 'up') }, {}),
  },
);

type Given = ReturnType<typeof create.parse>;

const either = (whole: number | undefined, text_: string | undefined, name: string): string | null => {
  if (whole !== undefined && text_ !== undefined) {
    throw invalid(`You may only specify one of these parameters: ${name}, ${name}_decimal.`, name);
  }
  const value = whole === undefined ? text_ : String(whole);
  return value === undefined ? null : canonical(value);
};

function tiers(given: Given): Tier[] {
  const read = (given.tiers ?? []).map((one, i): Tier => {
    const unit = either(one.unit_amount, one.unit_amount_decimal, `tiers[${i}][unit_amount]`);
    const flat = either(one.flat_amount, one.flat_amount_decimal, `tiers[${i}][flat_amount]`);
    if (unit === null && flat === null) {
      throw invalid(`You must specify at least one of unit_amount or flat_amount for each tier.`, `tiers[${i}]`);
    }
    return {
      flat_amount: flat === null ? null : wholeOrNull(flat),
      flat_amount_decimal: flat,
      unit_amount: unit === null ? null : wholeOrNull(unit),
      unit_amount_decimal: unit,
      up_to: one.up_to,
    };
  });
  const bounds = read.map((one) => one.up_to);
  const rising = bounds.every(
    (bound, i) => i === 0 || bound === null || bound > (bounds[i - 1] ?? Number.POSITIVE_INFINITY),
  );
  if (bounds.length > 0 && (bounds.at(-1) !== null || !rising || bounds.slice(0, -1).includes(null))) {
    throw invalid('Tiers must have ascending `up_to` values and the last one must be `inf`.', 'tiers');
  }
  return read;
}

function recurring(world: World, given: Given): PriceRow['recurring'] {
  if (!given.recurring) return null;
  const { interval, interval_count = 1, meter = null, usage_type = 'licensed' } = given.recurring;
  if (meter !== null) {
    const found = world.need('meters', 'meter', meter, 'recurring[meter]', 400);
    if (found.status !== 'active') throw invalid('The meter is not active.', 'recurring[meter]');
    if (usage_type !== 'metered') throw invalid('A meter can only be set with usage_type=metered.', 'recurring[meter]');
  } else if (usage_type === 'metered') {
    throw invalid(
      'All metered prices must be backed by meters. To make a metered price, you must specify recurring[meter].',
      'recurring[meter]',
    );
  }
  return { interval, interval_count, meter, trial_period_days: null, usage_type };
}

function claim(world: World, key: string | undefined, transfer: boolean | undefined): void {
  const holder = key === undefined ? undefined : world.store.all('prices').find((one) => one.lookup_key === key);
  if (!holder) return;
  if (!transfer) throw invalid(`A price (\`${holder.id}\`) already uses that lookup key.`, 'lookup_key');
  world.store.put('prices', { ...holder, lookup_key: null });
}

function make(world: World, given: Given): PriceRow {
  const scheme = given.billing_scheme ?? 'per_unit';
  const unit = either(given.unit_amount, given.unit_amount_decimal, 'unit_amount');
  const steps = tiers(given);
  if (scheme === 'tiered' && (steps.length === 0 || !given.tiers_mode)) {
    const name = steps.length === 0 ? 'tiers' : 'tiers_mode';
    throw invalid(`Missing required param: ${name}.`, name, 'parameter_missing');
  }
  if (scheme === 'tiered' && unit !== null)
    throw invalid('You cannot specify unit_amount when billing_scheme=tiered.', 'unit_amount');
  if (scheme === 'per_unit' && unit === null) {
    throw invalid('Missing required param: unit_amount.', 'unit_amount', 'parameter_missing');
  }
  const repeat = recurring(world, given);
  if (!given.product === !given.product_data) {
    throw given.product
      ? invalid('You may only specify one of these parameters: product, product_data.', 'product')
      : invalid('Missing required param: product.', 'product', 'parameter_missing');
  }
  if (given.product) world.need('products', 'product', given.product, 'product', 400);
  claim(world, given.lookup_key, given.transfer_lookup_key);
  const product = given.product ?? makeProduct(world, given.product_data ?? { name: '' }).id;
  return world.store.put('prices', {
    id: newId('price'),
    object: 'price',
    active: given.active ?? true,
    billing_scheme: scheme,
    created: world.now(),
    currency: given.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: given.lookup_key ?? null,
    metadata: given.metadata ?? {},
    nickname: given.nickname ?? null,
    product,
    recurring: repeat,
    tax_behavior: given.tax_behavior ?? 'unspecified',
    tiers_mode: given.tiers_mode ?? null,
    transform_quantity: given.transform_quantity ?? null,
    type: repeat ? 'recurring' : 'one_time',
    unit_amount: unit === null ? null : wholeOrNull(unit),
    unit_amount_decimal: unit,
    _tiers: steps,
  });
}

export const prices = [
  route('POST', '/v1/prices', create, (world, given) => {
    const row = make(world, given);
    world.emit('price.created', row);
    return row;
  }),
  route('GET', '/v1/prices/:id', nothing, (world, _, { id }) => world.need('prices', 'price', id, 'price')),
  route(
    'POST',
    '/v1/prices/:id',
    params<Stripe.PriceUpdateParams>()(
      {},
      {
        active: bool(),
        lookup_key: text(200),
        metadata: metadata(),
        nickname: text(),
        tax_behavior: oneOf('exclusive', 'inclusive', 'unspecified'),
        transfer_lookup_key: bool(),
      },
    ),
    (world, given, { id }) => {
      const before = world.need('prices', 'price', id, 'price');
      if (given.lookup_key !== before.lookup_key) claim(world, given.lookup_key, given.transfer_lookup_key);
      const after = world.store.put('prices', {
        ...before,
        active: given.active ?? before.active,
        lookup_key: given.lookup_key ?? before.lookup_key,
        metadata: mergeMetadata(before.metadata, given.metadata),
        nickname: given.nickname ?? before.nickname,
        tax_behavior: given.tax_behavior ?? before.tax_behavior,
      });
      world.emit('price.updated', after, differences(before, after));
      return after;
    },
  ),
  route(
    'GET',
    '/v1/prices',
    params<Stripe.PriceListParams>()(
      {},
      {
        ...paging,
        active: bool(),
        created: range(),
        currency: currency(),
        lookup_keys: list(text(), 10),
        product: text(),
        type: oneOf('one_time', 'recurring'),
      },
    ),
    (world, asked) => {
      const rows = world.store
        .all('prices')
        .filter((one) => !world.store.get('products', one.product)?._minted && within(one.created, asked.created))
        .filter((one) => asked.active === undefined || one.active === asked.active)
        .filter((one) => asked.currency === undefined || one.currency === asked.currency)
        .filter((one) => asked.product === undefined || one.product === asked.product)
        .filter((one) => asked.type === undefined || one.type === asked.type)
        .filter((one) => !asked.lookup_keys || (one.lookup_key !== null && asked.lookup_keys.includes(one.lookup_key)));
      return page(rows.reverse(), '/v1/prices', 'price', asked);
    },
  ),
];
