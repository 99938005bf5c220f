import { createHash } from 'node:crypto';
import { type DirectoryInstallation, installationAt } from '@throughline/fleet';
import { newId } from '@throughline/kernel';
import type { CompiledSchema } from '../../domain/compiled-schema.js';
import type { MessageIdentity } from '../../domain/identity.js';
import { KEPT_OF_TOO_LARGE } from '../../domain/limits.js';
import type { ParsedEvent } from '../../domain/parse-event.js';
import type { MessageSink } from '../../domain/parse-message.js';
import type { Refusal } from '../../domain/refusal.js';
import { ruleKind } from '../../domain/rule-kind.js';
import type { EventRow, QuarantineRow } from '../../storage/ingest.store.js';
import { BatchRows } from './batch-rows.js';
import type { Delivery, Done } from './delivery.js';
import { type IngestSource, ownerBytes } from './ingest-source.js';

/** What one device put into a batch. */
export interface Newest {
  ts: number;
  boot: number;
  seq: number;
}

export interface AssetRange {
  readonly assetId: string;
  from: number;
  to: number;
  messages: number;
}

const nobody: Delivery = {
  source: undefined as unknown as IngestSource,
  topic: '',
  payload: Buffer.alloc(0),
  receivedAt: 0,
};

/** Deliveries of many connections that are committed in one transaction. */
export class Batch implements MessageSink {
  /** Messages that nothing stored can collide with, as far as this process knows. */
  readonly fresh = new BatchRows();
  /** All others: of boots that are not in memory, out of order, repeated. */
  readonly others = new BatchRows();
  readonly quarantined: QuarantineRow[] = [];
  readonly events: EventRow[] = [];
  readonly newest = new Map<IngestSource, Newest>();
  readonly ranges = new Map<string, AssetRange>();
  readonly waiting: Done[] = [];
  /** Of all deliveries. */
  payloadBytes = 0;
  private current: Delivery = nobody;
  private lastInstallation: DirectoryInstallation | undefined;
  private lastRange: AssetRange | undefined;

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  get messages(): number {
    return this.fresh.count + this.others.count;
  }

  /** Messages, events and what is set aside. */
  get size(): number {
    return this.messages + this.quarantined.length + this.events.length;
  }

  open(delivery: Delivery, done: Done): void {
    this.current = delivery;
    this.waiting.push(done);
    this.payloadBytes += delivery.payload.length;
  }

  message(identity: MessageIdentity, values: Float64Array, schema: CompiledSchema, element: number): void {
    const { current } = this;
    const { source } = current;
    const { boot, seq, ts } = identity;
    const installation = installationAt(source.entry, ts);
    const rows = source.boots.get(boot)?.claim(seq) ? this.fresh : this.others;
    rows.add(current, element, identity, installation && ownerBytes(installation), schema.version, values);
    this.noteNewest(source, boot, seq, ts);
    if (installation) this.noteRange(installation, ts);
  }

  refused(refusal: Refusal, element: number, value: unknown): void {
    this.quarantined.push(quarantineRow(this.current, refusal, element, value));
  }

  event(event: ParsedEvent): void {
    const { source, topic, payload, receivedAt } = this.current;
    const installation = installationAt(source.entry, event.ts);
    this.events.push({
      ...event,
      id: newId(receivedAt),
      deviceId: source.entry.deviceId,
      assetId: installation?.assetId ?? null,
      customerId: installation?.customerId ?? null,
      bodyHash: hashOf(topic, payload),
    });
  }

  /** Nothing of it may be read any more. */
  release(): void {
    this.fresh.copy.release();
    this.others.copy.release();
  }

  private noteNewest(source: IngestSource, boot: number, seq: number, ts: number): void {
    const newest = this.newest.get(source);
    if (!newest) this.newest.set(source, { ts, boot, seq });
    else if (
      ts > newest.ts ||
      (ts === newest.ts && (boot > newest.boot || (boot === newest.boot && seq > newest.seq)))
    ) {
      newest.ts = ts;
      newest.boot = boot;
      newest.seq = seq;
    }
  }

  private noteRange(installation: DirectoryInstallation, ts: number): void {
    if (installation !== this.lastInstallation) {
      this.lastInstallation = installation;
      this.lastRange = this.ranges.get(installation.assetId);
      if (!this.lastRange) {
        this.lastRange = { assetId: installation.assetId, from: ts, to: ts, messages: 0 };
        this.ranges.set(installation.assetId, this.lastRange);
      }
    }
    const range = this.lastRange as AssetRange;
    if (ts < range.from) range.from = ts;
    if (ts > range.to) range.to = ts;
    range.messages += 1;
  }
}

/** The row for what could not be stored. Of an array's element only that element is kept. */
export function quarantineRow(delivery: Delivery, refusal: Refusal, element = -1, value?: unknown): QuarantineRow {
  const { source, topic, payload, receivedAt, againAt } = delivery;
  const { entry } = source;
  const whole = element < 0 || refusal.reason === 'too_deep';
  const raw = whole ? payload : Buffer.from(JSON.stringify(value) ?? 'null');
  return {
    id: newId(againAt ?? receivedAt),
    deviceId: entry.deviceId,
    modelId: entry.modelId,
    customerId: installationAt(entry, receivedAt)?.customerId ?? null,
    thingName: entry.thingName,
    topic: topic.slice(0, 256),
    receivedAt,
    reason: refusal.reason,
    rule: element < 0 ? refusal.rule : `[${element}] ${refusal.rule}`,
    ruleKind: ruleKind(refusal.rule),
    boot: refusal.boot ?? null,
    seq: refusal.seq ?? null,
    raw: refusal.reason === 'too_large' ? raw.subarray(0, KEPT_OF_TOO_LARGE) : raw,
    bodyHash: hashOf(`${topic}\n${whole ? '' : 'element'}`, raw),
  };
}

const hashOf = (topic: string, payload: Buffer): string =>
  createHash('sha256').update(topic).update('\n').update(payload).digest('hex');
