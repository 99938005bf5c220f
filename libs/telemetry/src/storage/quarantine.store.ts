import { Injectable } from '@nestjs/common';
import { type Connection, type EntityManager, keysetPage, type PageRequest } from '@throughline/platform';
import { QuarantinedMessage } from '@throughline/schema/telemetry';
import type { QuarantineFilter, QuarantineSelection } from '../domain/quarantine-selection.js';
import type { Refusal, RefusalReason } from '../domain/refusal.js';
import { ruleKind } from '../domain/rule-kind.js';
import type { SetAside } from '../domain/set-aside.js';

/** Messages with one fault of one model. */
export interface QuarantineGroup {
  readonly reason: RefusalReason;
  readonly ruleKind: string;
  readonly modelId: string | null;
  readonly messages: number;
  readonly devices: number;
  /** One of its devices. */
  readonly thingName: string;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** What a replay made of a message: stored, or why it stays. */
export type ReplayOutcome = { readonly id: string; readonly refusal: Refusal | undefined };

type Values = unknown[];

@Injectable()
export class QuarantineStore {
  async page(em: EntityManager, page: PageRequest, filter: QuarantineFilter): Promise<Connection<QuarantinedMessage>> {
    const { thingName, modelId, reason, ruleKind: kind, state, from, to } = filter;
    const given = { modelId, reason, ruleKind: kind, state };
    return keysetPage(em, QuarantinedMessage, {
      list: 'quarantine',
      where: {
        ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
        ...(thingName === undefined ? {} : { thingName: beginning(thingName) ?? thingName }),
        ...(from || to ? { receivedAt: { ...(from ? { $gte: from } : {}), ...(to ? { $lt: to } : {}) } } : {}),
      },
      sort: [
        { property: 'receivedAt', type: 'date', direction: 'desc' },
        { property: 'id', type: 'string', direction: 'desc' },
      ],
      page,
    });
  }

  async one(em: EntityManager, id: string): Promise<QuarantinedMessage | null> {
    return em.findOne(QuarantinedMessage, { id });
  }

  /** The largest first. */
  async groups(em: EntityManager, filter: QuarantineFilter, limit: number): Promise<QuarantineGroup[]> {
    const { sql, values } = where({ filter });
    const rows = await em.execute<
      (Omit<QuarantineGroup, 'firstAt' | 'lastAt'> & Record<'firstAt' | 'lastAt', string | Date>)[]
    >(
      `select reason, rule_kind as "ruleKind", model_id as "modelId", count(*)::int as messages,
         count(distinct thing_name)::int as devices, min(thing_name) as "thingName", min(received_at) as "firstAt",
         max(received_at) as "lastAt"
       from quarantined_message where ${sql} group by reason, rule_kind, model_id
       order by count(*) desc, reason, rule_kind, model_id limit ?`,
      [...values, limit],
    );
    return rows.map((row) => ({ ...row, firstAt: new Date(row.firstAt), lastAt: new Date(row.lastAt) }));
  }

  /** How many messages a selection finds that are still set aside and have an id before `until`. */
  async count(em: EntityManager, selection: QuarantineSelection, until: string): Promise<number> {
    const { sql, values } = open(selection, until);
    const [row] = await em.execute<{ n: number }[]>(
      `select count(*)::int as n from quarantined_message where ${sql}`,
      values,
    );
    return row?.n ?? 0;
  }

  /** Still set aside, by id of device; those without any are left out. */
  async setAsideOf(em: EntityManager, deviceIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await em.execute<{ device_id: string; n: number }[]>(
      `select device_id, count(*)::int as n from quarantined_message
       where device_id = any(?::uuid[]) and state = 'set_aside' group by device_id`,
      [`{${deviceIds.join(',')}}`],
    );
    return new Map(rows.map((row) => [row.device_id, row.n]));
  }

  /** The next of a selection after an id, in the order of ids, which is that of being set aside. */
  async next(
    em: EntityManager,
    selection: QuarantineSelection,
    { until, after, limit }: { until: string; after: string | null; limit: number },
  ): Promise<SetAside[]> {
    const { sql, values } = open(selection, until, after);
    const rows = await em.execute<(Omit<SetAside, 'receivedAt'> & { receivedAt: string | Date })[]>(
      `select id, device_id as "deviceId", thing_name as "thingName", topic, received_at as "receivedAt", reason, rule, raw,
         body_hash as "bodyHash"
       from quarantined_message where ${sql} order by id limit ?`,
      [...values, limit],
    );
    return rows.map((row) => ({ ...row, receivedAt: new Date(row.receivedAt).getTime() }));
  }

  /** What is stored is replayed; the others stay with the rule that they break now. Returns how many of each. */
  async settle(
    em: EntityManager,
    outcomes: readonly ReplayOutcome[],
    { at, by }: { at: Date; by: string },
  ): Promise<{ settled: number; kept: number }> {
    const stored = outcomes.filter(({ refusal }) => !refusal).map(({ id }) => id);
    const changed = await em.execute<unknown[]>(
      `update quarantined_message set state = 'replayed', settled_at = ?, settled_by = ?
       where id = any(?::uuid[]) and state = 'set_aside' returning id`,
      [at, by, `{${stored.join(',')}}`],
    );
    const stay = outcomes.flatMap(({ id, refusal }) =>
      refusal ? [{ id, reason: refusal.reason, rule: refusal.rule, kind: ruleKind(refusal.rule) }] : [],
    );
    await em.execute(
      `update quarantined_message q set reason = n.reason, rule = n.rule, rule_kind = n.kind
       from jsonb_to_recordset(?::jsonb) as n(id uuid, reason text, rule text, kind text)
       where q.id = n.id and q.state = 'set_aside' and (q.reason, q.rule) is distinct from (n.reason, n.rule)`,
      [JSON.stringify(stay).replaceAll('\\u0000', '\\ufffd')],
    );
    return { settled: changed.length, kept: stay.length };
  }

  /** Discards the next of a selection; the last id of the page, or null when none was left. */
  async discard(
    em: EntityManager,
    selection: QuarantineSelection,
    page: { until: string; after: string | null; limit: number },
    { at, by, reason }: { at: Date; by: string; reason: string },
  ): Promise<{ discarded: number; last: string | null }> {
    const { sql, values } = open(selection, page.until, page.after);
    const [row] = await em.execute<{ n: number; last: string | null }[]>(
      `with page as (select id from quarantined_message where ${sql} order by id limit ? for update),
       gone as (update quarantined_message q set state = 'discarded', settled_at = ?, settled_by = ?, settled_reason = ?
         from page where q.id = page.id returning q.id)
       select count(*)::int as n, max(id::text) as last from gone`,
      [...values, page.limit, at, by, reason],
    );
    return { discarded: row?.n ?? 0, last: row?.last ?? null };
  }
}

function open(
  selection: QuarantineSelection,
  until: string,
  after: string | null = null,
): { sql: string; values: Values } {
  const found = where(selection);
  const values = [...found.values, until];
  let sql = `${found.sql} and state = 'set_aside' and id < ?`;
  if (after !== null) {
    sql += ' and id > ?';
    values.push(after);
  }
  return { sql, values };
}

function where({ ids, filter = {} }: QuarantineSelection): { sql: string; values: Values } {
  const conditions = ['true'];
  const values: Values = [];
  const add = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  if (ids) add('id = any(?::uuid[])', `{${ids.join(',')}}`);
  const starts = filter.thingName === undefined ? undefined : beginning(filter.thingName);
  if (starts) add('thing_name like ?', starts.$like);
  else add('thing_name = ?', filter.thingName);
  add('model_id = ?', filter.modelId);
  add('reason = ?', filter.reason);
  add('rule_kind = ?', filter.ruleKind);
  add('state = ?', filter.state);
  add('received_at >= ?', filter.from);
  add('received_at < ?', filter.to);
  return { sql: conditions.join(' and '), values };
}

/** Of a name that ends with `*`: what it begins with. */
const beginning = (name: string): { $like: string } | undefined =>
  name.endsWith('*') ? { $like: `${name.slice(0, -1).replace(/[\\%_]/g, '\\$&')}%` } : undefined;
