/** Simulated time: begins at `from` and runs `speed` times as fast as the clock on the wall. */
export class SimClock {
  readonly speed: number;
  readonly #from: number;
  readonly #started: number;
  readonly #wall: () => number;
  readonly #capped: boolean;

  /** With `from` in the past it stops running ahead where it meets the wall clock. @throws RangeError for a speed not above 0. */
  constructor(options: { speed?: number; from?: number; wall?: () => number } = {}) {
    this.speed = options.speed ?? 1;
    if (!(this.speed > 0)) throw new RangeError(`speed: ${this.speed} must be greater than 0`);
    this.#wall = options.wall ?? Date.now;
    this.#started = this.#wall();
    this.#from = options.from ?? this.#started;
    this.#capped = this.#from < this.#started;
  }

  now(): number {
    const wall = this.#wall();
    const simulated = Math.floor(this.#from + (wall - this.#started) * this.speed);
    return this.#capped ? Math.min(simulated, wall) : simulated;
  }

  /** Wall milliseconds until a simulated instant is reached (an estimate that is never below 1 ms). */
  wallMsUntil(at: number): number {
    return Math.max(1, Math.ceil((at - this.now()) / this.speed));
  }
}
