/** AWS IoT's limit of shadow requests of one thing. */
export const REQUESTS_PER_SECOND = 20;
const MAX_KNOWN = 100_000;

/** Requests a second of each of many: what was not used within a second is lost. Times are ms of any steady clock. */
export class RequestRate {
  private readonly left = new Map<string, { requests: number; at: number }>();

  /** Counts a request; false when it is one too many. */
  allows(who: string, at: number): boolean {
    const known = this.left.get(who);
    const gained = known ? ((at - known.at) * REQUESTS_PER_SECOND) / 1_000 : REQUESTS_PER_SECOND;
    const requests = Math.min(REQUESTS_PER_SECOND, (known?.requests ?? 0) + gained);
    const allowed = requests >= 1;
    this.left.delete(who);
    this.left.set(who, { requests: allowed ? requests - 1 : requests, at });
    this.forgetOldest();
    return allowed;
  }

  /** The one that asked least lately is first, and most likely has its full second again. */
  private forgetOldest(): void {
    if (this.left.size <= MAX_KNOWN) return;
    const oldest = this.left.keys().next().value;
    if (oldest !== undefined) this.left.delete(oldest);
  }
}
