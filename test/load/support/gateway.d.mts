import type { ChildProcess } from 'node:child_process';

export interface RunningGateway {
  readonly child: ChildProcess;
  readonly mqttUrl: string;
  readonly mqttsUrl: string;
  readonly healthUrl: string;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
}

export function startGateway(options: {
  databaseUrl: string;
  dataDir: string;
  env?: Record<string, string>;
  flags?: string[];
}): Promise<RunningGateway>;
