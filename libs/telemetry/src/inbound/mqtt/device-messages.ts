import { Injectable } from '@nestjs/common';
import { CommittedNotices } from '../../application/ingest/committed-notices.js';
import type { Done } from '../../application/ingest/delivery.js';
import type { IngestSource } from '../../application/ingest/ingest-source.js';
import { IngestSources } from '../../application/ingest/ingest-sources.js';
import { IngestTelemetry } from '../../application/ingest/ingest-telemetry.js';
import { MAX_PAYLOAD_BYTES } from '../../domain/limits.js';

/** Topics below `cmd/{thing}/` that telemetry sends to. */
const COMMITTED = 'telemetry/committed';

/** What devices publish below `dt/{thing}/`, whichever broker carried it. */
@Injectable()
export class DeviceMessages {
  constructor(
    private readonly sources: IngestSources,
    private readonly ingest: IngestTelemetry,
    private readonly notices: CommittedNotices,
  ) {}

  /** Before the first connection. Waits for the database. */
  async start(): Promise<void> {
    await this.ingest.heal();
  }

  /** What must be known of a thing before its messages can be taken; undefined when there is no such device. */
  async open(thingName: string): Promise<IngestSource | undefined> {
    return this.sources.open(thingName);
  }

  /** `rest`: the topic after `dt/{thing}/`. `done` comes after the commit. */
  receive(source: IngestSource, rest: string, topic: string, payload: Buffer, done: Done): void {
    this.sources.touch(source);
    this.ingest.receive(source, rest, topic, payload, done);
  }

  /** Of a payload that was not read whole; `head` are its first bytes, `bytes` its full size. */
  receiveOversized(source: IngestSource, topic: string, head: Buffer, bytes: number, done: Done): void {
    const rule = `a payload has at most ${MAX_PAYLOAD_BYTES} bytes (given: ${bytes}; its start is kept)`;
    this.ingest.setAside(source, topic, head, { reason: 'too_large', rule }, done);
  }

  /** A device that listens for acknowledgements is told at once how far its boots are stored. */
  subscribed(source: IngestSource): void {
    this.notices.remind(source);
  }

  /** `send(topic, payload)` reaches whoever subscribed. */
  answerThrough(send: (topic: string, payload: string) => void): void {
    this.notices.through(({ thingName, boot, seq }) =>
      send(`cmd/${thingName}/${COMMITTED}`, JSON.stringify({ boot, seq })),
    );
  }

  watchCongestion(listener: (congested: boolean) => void): void {
    this.ingest.watchCongestion(listener);
  }

  /** Commits and acknowledges what was received. */
  async flush(): Promise<void> {
    await this.ingest.flush();
  }
}
