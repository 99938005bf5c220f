import { Injectable } from '@nestjs/common';
import { DeviceDirectory, type DirectoryEntry } from '@throughline/fleet';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer, LiveSignals } from '@throughline/platform';
import { type CompiledSchema, compileSchema } from '../../domain/compiled-schema.js';
import type { Refusal } from '../../domain/refusal.js';
import { payloadAgain, restOfTopic, ruleNow, type SetAside } from '../../domain/set-aside.js';
import type { QuarantineRow } from '../../storage/ingest.store.js';
import type { ReplayOutcome } from '../../storage/quarantine.store.js';
import { SchemaStore } from '../../storage/schema.store.js';
import { Batch } from '../ingest/batch.js';
import { CommitBatch } from '../ingest/commit-batch.js';
import { DerivedState } from '../ingest/derived-state.js';
import { IngestConnection } from '../ingest/ingest-connection.js';
import { IngestSource } from '../ingest/ingest-source.js';
import { readDelivery } from '../ingest/read-delivery.js';
import { WriteDerived } from '../ingest/write-derived.js';

/** Messages of one transaction. */
const MAX_BATCH = 4_096;
const DERIVED_TRIES = 3;

/** Sends set-aside messages through ingest once more: read, committed, attributed and told of as what comes from a device. */
@Injectable()
export class ReplayMessages {
  /** Ingest has one connection: a page waits for the one before. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly directory: DeviceDirectory,
    private readonly schemas: SchemaStore,
    private readonly commits: CommitBatch,
    private readonly writeDerived: WriteDerived,
    private readonly connection: IngestConnection,
    private readonly signals: LiveSignals,
    private readonly clock: Clock,
  ) {}

  /**
   * Committed when it resolves: by message nothing when all of it is stored (parts of it that are not are set aside anew), or
   * why it stays. Stored already counts as stored.
   */
  async run(rows: readonly SetAside[], signal: AbortSignal): Promise<ReplayOutcome[]> {
    const before = this.turn;
    const mine = before.then(() => this.inTurn(rows, signal));
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async inTurn(rows: readonly SetAside[], signal: AbortSignal): Promise<ReplayOutcome[]> {
    const sourceOf = await this.sources(rows);
    const derived = new DerivedState();
    // Later than the order, also within its millisecond.
    const againAt = this.clock.now().getTime() + 1;
    const outcomes: ReplayOutcome[] = [];
    try {
      let batch = new Batch();
      let inBatch: SetAside[] = [];
      const commit = async (): Promise<void> => {
        if (!batch.isEmpty) outcomes.push(...(await this.commit(batch, inBatch, derived, signal)));
        batch = new Batch();
        inBatch = [];
      };
      for (const row of rows) {
        const source = sourceOf(row);
        const payload = payloadAgain(row);
        if (!source || !payload) {
          outcomes.push({ id: row.id, refusal: row });
          continue;
        }
        const { topic, receivedAt } = row;
        readDelivery(batch, { source, topic, payload, receivedAt, againAt }, restOfTopic(topic), () => undefined);
        inBatch.push(row);
        if (batch.size >= MAX_BATCH) await commit();
      }
      await commit();
      for (let i = 0; derived.size > 0 && i < DERIVED_TRIES; i += 1) await this.writeDerived.run(derived, true);
    } finally {
      this.connection.close();
    }
    // Gateways keep in memory what of a boot is stored.
    this.signals.signal('telemetry-replayed', new Set(rows.flatMap(({ deviceId }) => deviceId ?? [])));
    return outcomes;
  }

  private async commit(
    batch: Batch,
    rows: readonly SetAside[],
    derived: DerivedState,
    signal: AbortSignal,
  ): Promise<ReplayOutcome[]> {
    const { quarantined } = await this.commits.run(batch, signal);
    derived.committed(batch);
    batch.release();
    const refused = new Map<string, QuarantineRow>(quarantined.map((row) => [keyOf(row), row]));
    return rows.map((row) => ({ id: row.id, refusal: refusalOf(row, refused.get(keyOf(row))) }));
  }

  /** Devices and schemas as they are now, not as some cache has them. */
  private async sources(rows: readonly SetAside[]): Promise<(row: SetAside) => IngestSource | undefined> {
    this.directory.forget(rows.flatMap(({ deviceId }) => deviceId ?? []));
    const names = [...new Set(rows.map(({ thingName }) => thingName))];
    const entries = await Promise.all(names.map((name) => this.directory.find(name)));
    const schemas = await this.schemasOf(entries);
    const byName = new Map(names.map((name, i) => [name, entries[i]]));
    const made = new Map<string, IngestSource>();
    return (row) => {
      const entry = byName.get(row.thingName);
      if (!entry) return undefined;
      const state = stateFor(entry, row);
      const key = `${entry.thingName} ${state}`;
      let source = made.get(key);
      if (!source) {
        source = new IngestSource({ ...entry, state }, schemas.get(entry.modelId));
        made.set(key, source);
      }
      return source;
    };
  }

  private async schemasOf(entries: readonly (DirectoryEntry | undefined)[]): Promise<Map<string, CompiledSchema>> {
    const found = new Map<string, CompiledSchema>();
    await this.database.read(everyCustomer, async (em) => {
      for (const modelId of new Set(entries.flatMap((entry) => entry?.modelId ?? []))) {
        const newest = await this.schemas.newest(em, modelId);
        if (newest) found.set(modelId, compileSchema(newest));
      }
    });
    return found;
  }
}

/** What a device said before it was suspended or retired was said in good standing, unless that is why it was set aside. */
const stateFor = ({ state }: DirectoryEntry, { reason }: SetAside): DirectoryEntry['state'] =>
  state === 'quarantined' || reason === 'device_quarantined' ? state : 'active';

const keyOf = ({ thingName, bodyHash }: { thingName: string; bodyHash: string }): string => `${thingName} ${bodyHash}`;

const refusalOf = (row: SetAside, refused: QuarantineRow | undefined): Refusal | undefined =>
  refused && { reason: refused.reason, rule: ruleNow(row, refused.rule) };
