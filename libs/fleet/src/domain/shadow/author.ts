import type { JsonObject } from './json.js';

/** Who changed what is desired. */
export interface ShadowAuthor {
  readonly kind: 'user' | 'api_key' | 'system' | 'device';
  /** Of the user, the API key or the device. */
  readonly id: string;
  readonly name: string;
}

/** A change of what is desired; of reports there is no history. */
export interface ShadowChange {
  readonly id: string;
  /** Of the shadow since then, or of the one that was deleted. */
  readonly version: number;
  /** What is desired since then; null: nothing. */
  readonly desired: JsonObject | null;
  readonly author: ShadowAuthor;
  readonly at: Date;
}
