import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject, Injectable, type LoggerService } from '@nestjs/common';
import { type Logger as Pino, pino } from 'pino';
import { CONFIG, type Config } from '../config/config.js';

type Fields = Record<string, unknown>;

const context = new AsyncLocalStorage<Fields>();

/** Lines logged within `work` carry these fields (requestId, thingName, jobId …). */
export const withLogFields = <T>(fields: Fields, work: () => T): T =>
  context.run({ ...context.getStore(), ...fields }, work);

/** Structured logs, one JSON object a line. Values of secret-looking fields never appear. */
@Injectable()
export class Logger implements LoggerService {
  private readonly pino: Pino;

  constructor(@Inject(CONFIG) config: Pick<Config, 'logLevel'>) {
    this.pino = pino({
      level: config.logLevel,
      base: { pid: process.pid },
      mixin: () => context.getStore() ?? {},
      redact: {
        paths: [
          'password',
          'refreshToken',
          'accessToken',
          'authorization',
          'secret',
          'key',
          '*.password',
          '*.authorization',
        ],
        censor: '…',
      },
      timestamp: pino.stdTimeFunctions.isoTime,
    });
  }

  debug(fields: Fields | string, text?: string): void {
    this.write('debug', fields, text);
  }

  info(fields: Fields | string, text?: string): void {
    this.write('info', fields, text);
  }

  warn(fields: Fields | string, text?: string): void {
    this.write('warn', fields, text);
  }

  error(fields: Fields | string, text?: string): void {
    this.write('error', fields, text);
  }

  /** Nest's word for info; its own start-up lines are detail. */
  log(message: unknown, origin?: string): void {
    this.pino.debug({ origin }, String(message));
  }

  private write(level: 'debug' | 'info' | 'warn' | 'error', fields: Fields | string, text?: string): void {
    if (typeof fields === 'string') this.pino[level]({ origin: text }, fields);
    else this.pino[level](fields, text);
  }
}
