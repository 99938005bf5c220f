import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { everyCustomer } from '@throughline/kernel';
import type { FastifyReply } from 'fastify';
import { Database } from '../../database/database.js';
import { Metrics } from '../../metrics/metrics.js';
import { READINESS, type ReadinessCheck } from './readiness.js';

const CHECK_TIMEOUT_MS = 2_000;

/** What an operator and a load balancer ask of every process. */
@Controller()
export class OperationsController {
  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
    @Inject(READINESS) private readonly checks: ReadinessCheck[],
  ) {}

  /** The event loop turns. */
  @Get('healthz')
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Everything needed to serve is there; 503 names what is not. */
  @Get('readyz')
  async ready(
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ ready: boolean; checks: Record<string, string> }> {
    const database: ReadinessCheck = {
      name: 'database',
      check: async () => void (await this.database.read(everyCustomer, (em) => em.execute('select 1'))),
    };
    const results = await Promise.all(
      [database, ...this.checks].map(async ({ name, check }) => [name, await outcome(check)] as const),
    );
    const ready = results.every(([, result]) => result === 'ok');
    if (!ready) reply.status(503);
    return { ready, checks: Object.fromEntries(results) };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  async scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}

async function outcome(check: () => Promise<void>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_TIMEOUT_MS} ms`), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([check().then(() => 'ok'), late]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
