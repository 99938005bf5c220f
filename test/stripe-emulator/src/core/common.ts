import { shape, text } from './params.js';

/** Parts of a postal address. */
export const addressFields = shape(
  {},
  { city: text(), country: text(2), line1: text(), line2: text(), postal_code: text(), state: text() },
);

interface AddressParams {
  city?: string;
  country?: string;
  line1?: string;
  line2?: string;
  postal_code?: string;
  state?: string;
}

export const address = (given: AddressParams) => ({
  city: given.city ?? null,
  country: given.country ?? null,
  line1: given.line1 ?? null,
  line2: given.line2 ?? null,
  postal_code: given.postal_code ?? null,
  state: given.state ?? null,
});

/** Stripe's answer to a deletion. */
export const deleted = (object: string, id: string) => ({ id, object, deleted: true });
