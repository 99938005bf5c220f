import type { Refusal } from '../refusal.js';

/** Metric → SenML unit, where a message names one. */
export type Units = Readonly<Record<string, string>>;

/**
 * A payload's value as JSON would have it: one message or an array of them; or why it is none. `units`: what each message of the array
 * says of the units of its metrics.
 */
export type Decoded = { readonly value: unknown; readonly units?: readonly Units[] } | { readonly refusal: Refusal };
