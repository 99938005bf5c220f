import type Stripe from 'stripe';
import { invalid } from '../core/errors.js';
import { page } from '../core/listing.js';
import { bool, list, nothing, paging, params, range, text, within } from '../core/params.js';
import { route } from '../core/route.js';

const matches = (type: string, wanted: string): boolean =>
  wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;

export const events = [
  route('GET', '/v1/events/:id', nothing, (world, _, { id }) => world.need('events', 'event', id)),
  route(
    'GET',
    '/v1/events',
    params<Stripe.EventListParams>()(
      {},
      { ...paging, created: range(), delivery_success: bool(), type: text(), types: list(text(), 20) },
    ),
    (world, asked) => {
      if (asked.type !== undefined && asked.types !== undefined) {
        throw invalid('You may only specify one of these parameters: type, types.', 'type');
      }
      const wanted = asked.types ?? (asked.type === undefined ? ['*'] : [asked.type]);
      const rows = world.store
        .all('events')
        .filter((one) => within(one.created, asked.created) && wanted.some((type) => matches(one.type, type)))
        .filter(
          (one) => asked.delivery_success === undefined || (one.pending_webhooks === 0) === asked.delivery_success,
        );
      return page(rows.reverse(), '/v1/events', 'event', asked);
    },
  ),
];
