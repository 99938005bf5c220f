import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LEGACY_BOOT } from '../../domain/parse-message.js';
import type { SourceBoot } from './derived-state.js';
import type { IngestSource } from './ingest-source.js';

/** At most one notice a device in this time. */
const EVERY_MS = 1_000;
/** Notices are sent in small groups, so that they do not hold up messages. */
const SWEEP_MS = 50;

/** "Everything of this boot up to this sequence number is stored": the device may forget it. */
export interface CommittedNotice {
  readonly thingName: string;
  readonly boot: number;
  readonly seq: number;
}

/** Tells devices how far their messages are stored without a hole. */
@Injectable()
export class CommittedNotices implements OnApplicationShutdown {
  private readonly due = new Map<IngestSource, Set<number>>();
  private readonly sentAt = new WeakMap<IngestSource, number>();
  private send: ((notice: CommittedNotice) => void) | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** How notices reach devices. Without it none are made. */
  through(send: (notice: CommittedNotice) => void): void {
    this.send = send;
  }

  progressed(boots: readonly SourceBoot[]): void {
    if (!this.send) return;
    for (const { source, boot } of boots) {
      if (boot === LEGACY_BOOT) continue;
      const waiting = this.due.get(source);
      if (waiting) waiting.add(boot);
      else this.due.set(source, new Set([boot]));
    }
    if (this.due.size > 0) this.timer ??= setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  /** Tells a device again of every boot in memory, for example because it has just begun to listen. */
  remind(source: IngestSource): void {
    this.sentAt.delete(source);
    this.progressed([...source.boots.keys()].map((boot) => ({ source, boot })));
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private sweep(): void {
    const now = performance.now();
    for (const [source, boots] of this.due) {
      if (now - (this.sentAt.get(source) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) continue;
      this.due.delete(source);
      this.sentAt.set(source, now);
      for (const boot of boots) {
        const seq = source.boots.get(boot)?.contiguous ?? 0;
        if (seq > 0) this.send?.({ thingName: source.entry.thingName, boot, seq });
      }
    }
  }
}
