import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import type { BootKey } from './gap.store.js';

/** A missing range whose pause is over. `firstAskedAt` in ms. */
export interface DueRange {
  readonly from: number;
  readonly to: number;
  readonly asked: number;
  readonly firstAskedAt: number | undefined;
}

/** Asking for missing ranges: which are due, and how often each was asked for. */
@Injectable()
export class GapAskStore {
  /** Boots of connected devices in one of the states that have ranges due. */
  async boots(
    em: EntityManager,
    now: Date,
    states: readonly string[],
    limit: number,
  ): Promise<(BootKey & { thingName: string })[]> {
    const rows = await em.execute<{ device_id: string; boot: number; thing_name: string }[]>(
      `select r.device_id, r.boot, d.thing_name from missing_range r join device d on d.id = r.device_id
       where r.state = 'missing' and r.ask_at <= ? and d.state = any(?::text[]) and exists (
         select 1 from presence_interval p where p.device_id = r.device_id and p.disconnected_at is null)
       group by r.device_id, r.boot, d.thing_name order by min(r.ask_at) limit ?`,
      [now, `{${states.join(',')}}`, limit],
    );
    return rows.map((row) => ({ deviceId: row.device_id, boot: row.boot, thingName: row.thing_name }));
  }

  /** The lowest ranges of a boot that are due. */
  async ranges(em: EntityManager, { deviceId, boot }: BootKey, now: Date, limit: number): Promise<DueRange[]> {
    const rows = await em.execute<{ from: number; to: number; asked: number; first: number | null }[]>(
      `select from_seq::float8 as "from", to_seq::float8 as "to", asked, (extract(epoch from first_asked_at) * 1000)::float8 as first
       from missing_range where device_id = ? and boot = ? and state = 'missing' and ask_at <= ? order by from_seq limit ?`,
      [deviceId, boot, now, limit],
    );
    return rows.map(({ first, ...row }) => ({ ...row, firstAskedAt: first ?? undefined }));
  }

  async asked(
    em: EntityManager,
    { deviceId, boot }: BootKey,
    ranges: readonly { from: number; askAt: Date }[],
    now: Date,
  ): Promise<void> {
    await em.execute(
      `update missing_range r set asked = asked + 1, first_asked_at = coalesce(first_asked_at, ?), ask_at = t.ask_at
       from unnest(?::bigint[], ?::timestamptz[]) as t (from_seq, ask_at)
       where r.device_id = ? and r.boot = ? and r.from_seq = t.from_seq`,
      [
        now,
        `{${ranges.map((range) => range.from).join(',')}}`,
        `{${ranges.map((range) => range.askAt.toISOString()).join(',')}}`,
        deviceId,
        boot,
      ],
    );
  }

  async lost(em: EntityManager, { deviceId, boot }: BootKey, from: readonly number[], now: Date): Promise<void> {
    await em.execute(
      `update missing_range set state = 'lost', reason = 'unanswered', lost_at = ?, ask_at = null
       where device_id = ? and boot = ? and from_seq = any(?::bigint[])`,
      [now, deviceId, boot, `{${from.join(',')}}`],
    );
  }
}
