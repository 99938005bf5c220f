/** A call of one command. */
export interface CommandCall {
  readonly executionId: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Tells how far it is, 0 to 100, with the log so far. */
  progress(percent: number, step: string): void;
  /** A line of its log; told with the next progress and the end. */
  log(line: string): void;
}

/** How a call ended. Values of a result are text or booleans. */
export interface CommandEnd {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'REJECTED';
  /** 1 to 64 of A-Z, 0-9, _ and -. */
  readonly reasonCode?: string;
  readonly reasonDescription?: string;
  readonly result?: Readonly<Record<string, string | boolean>>;
}

/** A call that ends with the next boot: answered when the agent is there again. `restart` begins it. */
export interface CommandRestart {
  readonly restart: () => Promise<void>;
}

/** Carries out one command. An error thrown is a FAILED answer. */
export type CommandHandler = (call: CommandCall) => Promise<CommandEnd | CommandRestart>;

/** Commands by name; more can be added. */
export type CommandHandlers = Readonly<Record<string, CommandHandler>>;

export const rejected = (reasonCode: string, reasonDescription: string): CommandEnd => ({
  status: 'REJECTED',
  reasonCode,
  reasonDescription,
});

const MAX_DESCRIPTION = 1024;

/** The answer as AWS IoT's commands have it; `extra` entries (progress, log) stand beside those of the result. */
export function answerPayload(
  status: CommandEnd['status'] | 'IN_PROGRESS',
  { reasonCode, reasonDescription, result }: Omit<CommandEnd, 'status'>,
  extra: Readonly<Record<string, string>> = {},
): string {
  const entries = Object.entries({ ...result, ...extra }).map(([key, value]) => [
    key,
    typeof value === 'boolean' ? { b: value } : { s: value },
  ]);
  return JSON.stringify({
    status,
    ...(reasonCode && {
      statusReason: {
        reasonCode,
        ...(reasonDescription && { reasonDescription: reasonDescription.slice(0, MAX_DESCRIPTION) }),
      },
    }),
    ...(entries.length > 0 && { result: Object.fromEntries(entries) }),
  });
}
