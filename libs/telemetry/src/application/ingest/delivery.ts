import type { IngestSource } from './ingest-source.js';

/** Told once when everything of a delivery is committed, or with the reason why it never will be. */
export type Done = (error?: Error) => void;

/** A payload as it came from a device. */
export interface Delivery {
  readonly source: IngestSource;
  readonly topic: string;
  readonly payload: Buffer;
  /** Ours, ms since the epoch. */
  readonly receivedAt: number;
  /** Of a replay: when it was read again. */
  readonly againAt?: number;
}
