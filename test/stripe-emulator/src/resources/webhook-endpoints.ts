import type Stripe from 'stripe';
import { deleted } from '../core/common.js';
import { invalid } from '../core/errors.js';
import { newId, token } from '../core/ids.js';
import { page } from '../core/listing.js';
import {
  bool,
  emptyable,
  type Field,
  list,
  mergeMetadata,
  metadata,
  nothing,
  paging,
  params,
  text,
} from '../core/params.js';
import { route } from '../core/route.js';
import type { EndpointRow } from '../core/rows.js';
import type { World } from '../core/world.js';

const address: Field<string> = {
  parse(raw, path) {
    const value = text(2048).parse(raw, path);
    if (!/^https?:\/\//.test(value) || !URL.canParse(value))
      throw invalid('Invalid URL: must be an http(s) URL', path, 'url_invalid');
    return value;
  },
};

const fields = { description: emptyable(text()), metadata: metadata() };

export function makeEndpoint(
  world: World,
  given: Pick<EndpointRow, 'url' | 'enabled_events'> & Partial<EndpointRow>,
): EndpointRow {
  return world.store.put('endpoints', {
    id: newId('we'),
    object: 'webhook_endpoint',
    api_version: null,
    application: null,
    created: world.now(),
    description: null,
    livemode: false,
    metadata: {},
    status: 'enabled',
    _secret: `whsec_${token(32)}`,
    _own: false,
    ...given,
  });
}

export const webhookEndpoints = [
  route(
    'POST',
    '/v1/webhook_endpoints',
    params<Stripe.WebhookEndpointCreateParams>()(
      { enabled_events: list(text()), url: address },
      { ...fields, api_version: text(), connect: bool() },
    ),
    (world, given) => {
      const row = makeEndpoint(world, {
        url: given.url,
        enabled_events: given.enabled_events,
        api_version: given.api_version ?? null,
        description: given.description ?? null,
        metadata: given.metadata ?? {},
      });
      // The secret is shown this once.
      return { ...row, secret: row._secret };
    },
  ),
  route('GET', '/v1/webhook_endpoints/:id', nothing, (world, _, { id }) =>
    world.need('endpoints', 'webhook endpoint', id),
  ),
  route(
    'POST',
    '/v1/webhook_endpoints/:id',
    params<Stripe.WebhookEndpointUpdateParams>()(
      {},
      { ...fields, disabled: bool(), enabled_events: list(text()), url: address },
    ),
    (world, given, { id }) => {
      const before = world.need('endpoints', 'webhook endpoint', id);
      return world.store.put('endpoints', {
        ...before,
        description: given.description === undefined ? before.description : given.description,
        enabled_events: given.enabled_events ?? before.enabled_events,
        metadata: mergeMetadata(before.metadata, given.metadata),
        status: given.disabled === undefined ? before.status : given.disabled ? 'disabled' : 'enabled',
        url: given.url ?? before.url,
      });
    },
  ),
  route('DELETE', '/v1/webhook_endpoints/:id', nothing, (world, _, { id }) => {
    world.need('endpoints', 'webhook endpoint', id);
    world.store.delete('endpoints', id);
    return deleted('webhook_endpoint', id);
  }),
  route('GET', '/v1/webhook_endpoints', params<Stripe.WebhookEndpointListParams>()({}, paging), (world, asked) =>
    page(world.store.all('endpoints').reverse(), '/v1/webhook_endpoints', 'webhook_endpoint', asked),
  ),
];
