import type { INestApplicationContext } from '@nestjs/common';
import { DomainError } from '@throughline/kernel';

const STOP_LIMIT_MS = 25_000;

export interface StartedService {
  readonly app: Pick<INestApplicationContext, 'close'>;
  /** Addresses and such, told to the parent process and on stdout when the service can serve. */
  readonly ready: Readonly<Record<string, unknown>>;
}

/**
 * The frame of every process: starts the service, says when it is ready (a JSON line, and a message where the parent has a
 * channel), and stops it in order on SIGTERM, SIGINT or the parent's death. A service that does not stop in time is ended.
 */
export async function runProcess(service: string, start: () => Promise<StartedService>): Promise<void> {
  let started: StartedService | undefined;
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    await started?.app.close();
    process.exit(0);
  };
  const stopOrFail = (): void => void stop().catch((error: unknown) => fail(service, error));
  process.on('SIGTERM', stopOrFail);
  process.on('SIGINT', stopOrFail);
  process.on('disconnect', stopOrFail);
  process.on('unhandledRejection', (error) => fail(service, error));
  try {
    started = await start();
    const message = { ready: true, service, ...started.ready };
    process.stdout.write(`${JSON.stringify(message)}\n`);
    // A parent that is gone by now hears nothing: its closed channel is no fault of ours, and `disconnect` stops us in order.
    process.send?.(message, undefined, undefined, () => {});
  } catch (error) {
    fail(service, error);
  }
}

function fail(service: string, error: unknown): never {
  const text =
    error instanceof DomainError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  const faults = error instanceof DomainError ? error.faults : [];
  process.stderr.write(
    `${service} cannot go on: ${faults.length > 1 ? faults.map((f) => `\n  ${f.field}: ${f.rule}`).join('') : text}\n`,
  );
  process.exit(1);
}
