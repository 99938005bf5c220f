/** Why a connection was refused before a device could speak. */
export const connectionRefusals = [
  'no_certificate',
  'expired_certificate',
  'not_yet_valid_certificate',
  'foreign_certificate',
  'handshake_failed',
  'unknown_certificate',
  'revoked_certificate',
  'pending_certificate',
  'deactivated_claim',
  'expired_claim',
  'suspended_device',
  'retired_device',
  'unknown_thing',
  'client_id',
  'not_registered',
] as const;
export type ConnectionRefusalReason = (typeof connectionRefusals)[number];

/** A connection that was refused. */
export interface RefusedConnection {
  readonly reason: ConnectionRefusalReason;
  readonly remoteAddress: string | undefined;
  /** SHA-256 of the client's certificate, hex. */
  readonly fingerprint?: string | undefined;
  /** Its common name. */
  readonly subject?: string | undefined;
  readonly detail: string;
}

/** OpenSSL's codes of certificates whose time is not now; every other fault of one means that no CA of ours stands for it. */
const byCode: Readonly<Record<string, ConnectionRefusalReason>> = {
  CERT_HAS_EXPIRED: 'expired_certificate',
  CERT_NOT_YET_VALID: 'not_yet_valid_certificate',
};

/** What a certificate was refused for, by the code that Node gives as `authorizationError`. */
export const reasonOfCertificate = (code: string | undefined, hasCertificate: boolean): ConnectionRefusalReason =>
  hasCertificate ? (byCode[code ?? ''] ?? 'foreign_certificate') : 'no_certificate';

/** The party that refusals are counted for: who holds the certificate, else where it came from. */
export const partyOf = ({
  fingerprint,
  remoteAddress,
}: Pick<RefusedConnection, 'fingerprint' | 'remoteAddress'>): string =>
  (fingerprint ?? remoteAddress ?? 'unknown').slice(0, 64);

const HOUR_MS = 3_600_000;
export const hourOf = (at: Date): Date => new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS);

/** Refusals of one hour, one reason and one party. */
export interface RefusalCount {
  readonly hour: Date;
  readonly reason: ConnectionRefusalReason;
  /** Empty for the parties of an hour above the limit. */
  readonly party: string;
  connections: number;
  readonly firstAt: Date;
  lastAt: Date;
  remoteAddress: string | null;
  readonly fingerprint: string | null;
  subject: string | null;
  detail: string;
}

/** Counts refusals until they are written: bounded whatever comes, since parties above the limit of an hour are one. */
export class RefusalCounts {
  private counts = new Map<string, RefusalCount>();
  private parties = new Set<string>();
  private partiesOf = 0;

  constructor(private readonly maxParties: number) {}

  get size(): number {
    return this.counts.size;
  }

  add(refused: RefusedConnection, at: Date): void {
    const hour = hourOf(at);
    if (hour.getTime() !== this.partiesOf) {
      this.parties = new Set();
      this.partiesOf = hour.getTime();
    }
    const known = partyOf(refused);
    const counted = this.parties.has(known) || this.parties.size < this.maxParties;
    if (counted) this.parties.add(known);
    const party = counted ? known : '';
    const key = `${hour.getTime()} ${refused.reason} ${party}`;
    const count = this.counts.get(key);
    const remoteAddress = counted ? (refused.remoteAddress?.slice(0, 64) ?? null) : null;
    const detail = refused.detail.slice(0, 300);
    const subject = counted ? (refused.subject?.replace(/\p{Cc}/gu, ' ').slice(0, 128) ?? null) : null;
    if (count) Object.assign(count, { connections: count.connections + 1, lastAt: at, remoteAddress, subject, detail });
    else
      this.counts.set(key, {
        hour,
        reason: refused.reason,
        party,
        connections: 1,
        firstAt: at,
        lastAt: at,
        remoteAddress,
        fingerprint: counted ? (refused.fingerprint?.slice(0, 64) ?? null) : null,
        subject,
        detail,
      });
  }

  /** What is to be written; `add` begins anew. */
  take(): RefusalCount[] {
    const all = [...this.counts.values()];
    this.counts = new Map();
    return all;
  }
}
