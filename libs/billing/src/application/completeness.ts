import { Injectable } from '@nestjs/common';
import { Decimal, type Interval } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import type { MessageCount } from '@throughline/schema/billing';
import { MessageReader } from '@throughline/telemetry';

/** An asset's time under contract. */
export interface Stretch extends Interval {
  readonly assetId: string;
}

/** What was received of what was sent. */
export interface Received {
  /** By asset id. */
  readonly counts: Record<string, MessageCount>;
  /**
   * Share of the messages that is stored, 0 to 1; null when there is no message to judge by, or some came without boot and seq, so
   * that nobody can say what is missing.
   */
  readonly share: Decimal | null;
}

/** Counts messages for a statement, so that it says for ever what it rested on. */
@Injectable()
export class Completeness {
  constructor(private readonly messages: MessageReader) {}

  /** To be asked with a scope that sees all of the devices' messages. */
  async of(em: EntityManager, stretches: readonly Stretch[], storedBefore: Date): Promise<Received> {
    const counts: Record<string, MessageCount> = {};
    let provable = true;
    for (const { assetId, from, to } of stretches) {
      const before = counts[assetId];
      const stored = await this.messages.count(em, assetId, { from, to }, storedBefore);
      const missing = await this.messages.missing(em, assetId, { from, to }, storedBefore);
      if (await this.messages.hasLegacy(em, assetId, { from, to }, storedBefore)) provable = false;
      counts[assetId] = { stored: stored + (before?.stored ?? 0), missing: missing + (before?.missing ?? 0) };
    }
    const stored = Object.values(counts).reduce((n, count) => n + count.stored, 0);
    const sent = Object.values(counts).reduce((n, count) => n + count.missing, stored);
    return { counts, share: sent === 0 || !provable ? null : new Decimal(stored).div(sent) };
  }
}
