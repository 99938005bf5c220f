import type Stripe from 'stripe';
import { deleted } from '../core/common.js';
import { invalid } from '../core/errors.js';
import { newId } from '../core/ids.js';
import { page } from '../core/listing.js';
import {
  bool,
  emptyable,
  list,
  mergeMetadata,
  metadata,
  nothing,
  paging,
  params,
  range,
  text,
  within,
} from '../core/params.js';
import { route } from '../core/route.js';
import type { ProductRow } from '../core/rows.js';
import { differences, type World } from '../core/world.js';

const fields = {
  active: bool(),
  metadata: metadata(),
  statement_descriptor: text(22),
  tax_code: emptyable(text()),
  unit_label: emptyable(text(12)),
  description: emptyable(text(40_000)),
  url: emptyable(text()),
};

const create = params<Stripe.ProductCreateParams>()({ name: text() }, { ...fields, id: text() });
const update = params<Stripe.ProductUpdateParams>()({}, { ...fields, name: text(), default_price: text() });

/** Makes a product and announces it. */
export function makeProduct(world: World, given: ReturnType<typeof create.parse>): ProductRow {
  const id = given.id ?? newId('prod');
  if (world.store.get('products', id)) {
    throw invalid(`Product already exists.`, 'id', 'resource_already_exists');
  }
  const created = world.now();
  const row = world.store.put('products', {
    id,
    object: 'product',
    active: given.active ?? true,
    created,
    default_price: null,
    description: given.description ?? null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: given.metadata ?? {},
    name: given.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: given.statement_descriptor ?? null,
    tax_code: given.tax_code ?? null,
    tax_details: null,
    type: 'service',
    unit_label: given.unit_label ?? null,
    updated: created,
    url: given.url ?? null,
  });
  world.emit('product.created', row);
  return row;
}

export const products = [
  route('POST', '/v1/products', create, (world, given) => makeProduct(world, given)),
  route('GET', '/v1/products/:id', nothing, (world, _, { id }) => world.need('products', 'product', id)),
  route('POST', '/v1/products/:id', update, (world, given, { id }) => {
    const before = world.need('products', 'product', id);
    if (given.default_price) world.need('prices', 'price', given.default_price, 'default_price', 400);
    const changed: ProductRow = {
      ...before,
      active: given.active ?? before.active,
      default_price: given.default_price ?? before.default_price,
      description: given.description === undefined ? before.description : given.description,
      metadata: mergeMetadata(before.metadata, given.metadata),
      name: given.name ?? before.name,
      statement_descriptor: given.statement_descriptor ?? before.statement_descriptor,
      tax_code: given.tax_code === undefined ? before.tax_code : given.tax_code,
      unit_label: given.unit_label === undefined ? before.unit_label : given.unit_label,
      url: given.url === undefined ? before.url : given.url,
    };
    if (Object.keys(differences(before, changed)).length === 0) return before;
    const after = world.store.put('products', { ...changed, updated: world.now() });
    world.emit('product.updated', after, differences(before, after));
    return after;
  }),
  route('DELETE', '/v1/products/:id', nothing, (world, _, { id }) => {
    const row = world.need('products', 'product', id);
    if (world.store.all('prices').some((one) => one.product === id)) {
      throw invalid('This product cannot be deleted because it has one or more user-created prices.');
    }
    world.store.delete('products', id);
    world.emit('product.deleted', row);
    return deleted('product', id);
  }),
  route(
    'GET',
    '/v1/products',
    params<Stripe.ProductListParams>()({}, { ...paging, active: bool(), created: range(), ids: list(text(), 100) }),
    (world, asked) => {
      const rows = world.store
        .all('products')
        .filter((one) => !one._minted && within(one.created, asked.created))
        .filter((one) => asked.active === undefined || one.active === asked.active)
        .filter((one) => asked.ids === undefined || asked.ids.includes(one.id));
      return page(rows.reverse(), '/v1/products', 'product', asked);
    },
  ),
];
