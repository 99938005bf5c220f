import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DeviceDirectory } from '@throughline/fleet';
import { Database, everyCustomer, LiveSignals, Logger } from '@throughline/platform';
import { type CompiledSchema, compileSchema } from '../../domain/compiled-schema.js';
import { SchemaStore } from '../../storage/schema.store.js';
import { IngestSource } from './ingest-source.js';

/** After this time the directory is asked again whether anything changed (it answers from memory mostly). */
const RECHECK_MS = 500;
/** A schema published while devices talk is used after at most this time. */
const SCHEMA_TTL_MS = 5_000;
const IDLE_MS = 10 * 60_000;
const SWEEP_MS = 60_000;

interface KnownSchema {
  readonly compiled: CompiledSchema | undefined;
  readonly until: number;
}

/** The devices that speak to this process. */
@Injectable()
export class IngestSources implements OnApplicationShutdown {
  private readonly sources = new Map<string, IngestSource>();
  private readonly schemas = new Map<string, KnownSchema>();
  private stopListening: (() => void) | undefined;
  private readonly sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref();

  constructor(
    private readonly directory: DeviceDirectory,
    private readonly database: Database,
    private readonly store: SchemaStore,
    private readonly signals: LiveSignals,
    private readonly logger: Logger,
  ) {}

  /** The source of a thing; undefined when there is no such device. */
  async open(thingName: string): Promise<IngestSource | undefined> {
    this.stopListening ??= this.signals.listen('telemetry-replayed', (deviceIds) => this.readAgain(deviceIds));
    const entry = await this.directory.find(thingName);
    if (!entry) return undefined;
    const schema = await this.schemaOf(entry.modelId);
    let source = this.sources.get(thingName);
    if (source) {
      source.entry = entry;
      source.schema = schema;
    } else {
      source = new IngestSource(entry, schema);
      this.sources.set(thingName, source);
    }
    source.checkedAt = performance.now();
    return source;
  }

  /** To be called with each delivery: has the source looked up again behind it when that is due. */
  touch(source: IngestSource): void {
    const now = performance.now();
    source.usedAt = now;
    if (now - source.checkedAt < RECHECK_MS) return;
    source.checkedAt = now;
    this.open(source.entry.thingName).catch((error: unknown) =>
      this.logger.warn({ err: error, thingName: source.entry.thingName }, 'a device was not looked up again'),
    );
  }

  onApplicationShutdown(): void {
    this.stopListening?.();
    clearInterval(this.sweeper);
  }

  /** Another process stored messages of these devices: which are stored is looked up when they next speak. */
  private readAgain(deviceIds: readonly string[]): void {
    const ids = new Set(deviceIds);
    for (const { entry, boots } of this.sources.values()) if (ids.has(entry.deviceId)) boots.clear();
  }

  private async schemaOf(modelId: string): Promise<CompiledSchema | undefined> {
    const known = this.schemas.get(modelId);
    if (known && known.until > performance.now()) return known.compiled;
    const newest = await this.database.read(everyCustomer, (em) => this.store.newest(em, modelId));
    const same = newest && known?.compiled?.version === newest.version;
    const compiled = same ? known?.compiled : newest && compileSchema(newest);
    this.schemas.set(modelId, { compiled, until: performance.now() + SCHEMA_TTL_MS });
    return compiled;
  }

  private sweep(): void {
    const before = performance.now() - IDLE_MS;
    for (const [thingName, source] of this.sources) if (source.usedAt < before) this.sources.delete(thingName);
  }
}
