import type pg from 'pg';

export interface World {
  readonly url: string;
  readonly dataDir: string;
  /** Sees every row. */
  readonly client: pg.Client;
  readonly postgresPid: number | undefined;
  close(): Promise<void>;
}

export const metrics: readonly Record<string, unknown>[];
export function makeWorld(options: { devices: number; settings?: Record<string, string> }): Promise<World>;
