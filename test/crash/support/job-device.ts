import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, Asker, type Body } from './asker.js';

interface Execution {
  readonly jobId: string;
  readonly executionNumber: number;
  readonly versionNumber: number;
  readonly status: string;
  readonly jobDocument?: { readonly outcome?: string };
}
interface State {
  readonly status: string;
  readonly versionNumber: number;
  readonly statusDetails: Record<string, string>;
}

/** What an update says of what it runs; a rollout's release has this version. */
export const RELEASED = '2.0.0';
const IDLE_MS = 60;

/**
 * A device that takes every job: starts it, says how far it is, ends it; each change with the version it expects, and again
 * after a loss until it knows that it was made. A `hanging` one begins each first try and says nothing more of it.
 */
export class JobDevice {
  /** Versions by "job#number", as they were told. */
  readonly versions = new Map<string, number[]>();
  readonly ended = new Map<string, string>();
  readonly faults: string[] = [];
  losses = 0;
  answers = 0;
  private running = true;
  private asker: Asker | undefined;

  constructor(
    readonly thing: string,
    private readonly url: () => string,
    private readonly hanging = false,
  ) {}

  /** It goes on with what it has begun. */
  stop(): void {
    this.running = false;
  }

  async run(): Promise<void> {
    while (this.running) {
      const answer = await this.ask('start-next', {});
      const execution = answer.is === 'accepted' ? (answer.body.execution as Execution | undefined) : undefined;
      if (execution && !(this.hanging && execution.executionNumber === 1)) await this.work(execution);
      else await sleep(IDLE_MS);
    }
    await this.asker?.end();
  }

  private async work({ jobId, executionNumber, versionNumber, jobDocument }: Execution): Promise<void> {
    const key = `${jobId}#${executionNumber}`;
    this.told(key, versionNumber);
    const fails = jobDocument?.outcome === 'fail-once' && executionNumber === 1;
    const steps: { status: string; statusDetails: Record<string, string> }[] = [
      { status: 'IN_PROGRESS', statusDetails: { step: 'installing' } },
      { status: fails ? 'FAILED' : 'SUCCEEDED', statusDetails: { version: RELEASED } },
    ];
    let version: number | undefined = versionNumber;
    for (const step of steps) {
      version = await this.change(jobId, key, { ...step, executionNumber, expectedVersion: version });
      if (version === undefined) return;
    }
    this.ended.set(key, fails ? 'FAILED' : 'SUCCEEDED');
  }

  /** Until the change is made; gives the version after it, undefined when the execution was ended from elsewhere. */
  private async change(
    jobId: string,
    key: string,
    wanted: { status: string; statusDetails: Record<string, string>; executionNumber: number; expectedVersion: number },
  ): Promise<number | undefined> {
    for (let tries = 1; ; tries += 1) {
      const answer = await this.ask(`${jobId}/update`, { ...wanted, includeJobExecutionState: true });
      if (answer.is === 'lost') continue;
      const state = answer.body.executionState as State | undefined;
      const next = wanted.expectedVersion + 1;
      if (answer.is === 'accepted') {
        if (state?.versionNumber !== next)
          this.faults.push(`${key}: ${next} was expected, told was ${state?.versionNumber}`);
        return this.told(key, next);
      }
      const { code } = answer.body;
      if (state?.status === 'CANCELED') return undefined;
      if (code === 'VersionMismatch' || code === 'InvalidStateTransition') {
        const same = state?.status === wanted.status && state.versionNumber === next;
        if (!same || tries === 1)
          this.faults.push(`${key}: ${wanted.status} at try ${tries}: ${JSON.stringify(answer.body)}`);
        return this.told(key, next);
      }
      if (code !== 'InternalError' && code !== 'RequestThrottled') {
        this.faults.push(`${key}: ${JSON.stringify(answer.body)}`);
        return undefined;
      }
      await sleep(IDLE_MS);
    }
  }

  private told(key: string, version: number): number {
    const known = this.versions.get(key);
    if (known) known.push(version);
    else this.versions.set(key, [version]);
    return version;
  }

  private async ask(operation: string, body: Body): Promise<Answer> {
    while (!this.asker?.open) {
      await this.asker?.end();
      this.asker = await Asker.connect(this.url(), { clientId: this.thing, username: this.thing });
      if (!this.asker) await sleep(50);
    }
    const answer = await this.asker.ask(`$aws/things/${this.thing}/jobs/${operation}`, body);
    if (answer.is === 'lost') this.losses += 1;
    else this.answers += 1;
    return answer;
  }
}
