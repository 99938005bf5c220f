/** One thing a process needs to serve; `check` rejects with the reason when it is not there. */
export interface ReadinessCheck {
  readonly name: string;
  check(): Promise<void>;
}

export const READINESS = Symbol('READINESS');
