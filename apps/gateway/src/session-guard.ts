import { Injectable } from '@nestjs/common';
import { CheckSessions, DirectoryChanges } from '@throughline/fleet';
import { type DeviceConnection, Logger } from '@throughline/platform';

/** Pause between two looks at all sessions, for hints that were lost: sessions end within 2 s of their right to be there. */
const SWEEP_MS = 1_500;
/** A look may take one part in so many of the time: with very many sessions (10,000: 0.5 s) the pauses grow, and hints do the most. */
const SHARE = 10;

interface Guarded {
  readonly deviceId: string;
  readonly fingerprint: string | null;
  readonly clientId: string;
  readonly connection: DeviceConnection;
}

interface GuardedClaim {
  readonly claimId: string;
  readonly connection: DeviceConnection;
}

/** Ends sessions whose certificate or device may not be connected any more: at once when told of a change, else by looking. */
@Injectable()
export class SessionGuard {
  private readonly byDevice = new Map<string, Set<Guarded>>();
  private readonly claims = new Set<GuardedClaim>();
  private stopListening: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly check: CheckSessions,
    private readonly changes: DirectoryChanges,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.stopListening = this.changes.listen((deviceIds) => void this.look(this.ofDevices(deviceIds)));
    this.later(SWEEP_MS);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.stopListening?.();
    await this.sweeping;
  }

  /** Returns how to stop watching, for when the session has ended. */
  watch(session: Guarded): () => void {
    const set = this.byDevice.get(session.deviceId) ?? new Set();
    set.add(session);
    this.byDevice.set(session.deviceId, set);
    return () => {
      set.delete(session);
      if (set.size === 0) this.byDevice.delete(session.deviceId);
    };
  }

  /** As `watch`, for a board with a claim. */
  watchClaim(session: GuardedClaim): () => void {
    this.claims.add(session);
    return () => this.claims.delete(session);
  }

  private later(ms: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.sweeping = this.sweep();
    }, ms).unref();
  }

  private async sweep(): Promise<void> {
    const started = performance.now();
    await this.look([...this.byDevice.values()].flatMap((sessions) => [...sessions]));
    await this.lookAtClaims();
    this.later(Math.max(SWEEP_MS, SHARE * (performance.now() - started)));
  }

  private ofDevices(deviceIds: readonly string[]): Guarded[] {
    return deviceIds.flatMap((id) => [...(this.byDevice.get(id) ?? [])]);
  }

  private async look(sessions: readonly Guarded[]): Promise<void> {
    try {
      const ended = await this.check.ended(sessions);
      const reasons = new Map(ended.map((e) => [keyOf(e), e.reason]));
      for (const session of sessions) {
        const reason = reasons.get(keyOf(session));
        if (reason === undefined) continue;
        const { deviceId, clientId, fingerprint } = session;
        this.logger.warn({ deviceId, clientId, fingerprint, reason }, 'a session was ended: its access has ended');
        session.connection.end('access_ended');
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'open sessions could not be checked and are checked again');
    }
  }

  private async lookAtClaims(): Promise<void> {
    try {
      const ended = new Set(await this.check.endedClaims([...new Set([...this.claims].map((s) => s.claimId))]));
      for (const { claimId, connection } of this.claims)
        if (ended.has(claimId)) {
          this.logger.warn({ claimId }, 'a session of a claim was ended: its access has ended');
          connection.end('access_ended');
        }
    } catch (error) {
      this.logger.warn({ err: error }, 'sessions of claims could not be checked and are checked again');
    }
  }
}

const keyOf = ({ deviceId, fingerprint }: { deviceId: string; fingerprint: string | null }): string =>
  `${deviceId} ${fingerprint ?? ''}`;
