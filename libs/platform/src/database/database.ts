import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EntityManager, IsolationLevel, MikroORM } from '@mikro-orm/postgresql';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { covers, type DataScope, DomainError } from '@throughline/kernel';
import { APP_ROLE, ormConfig } from '@throughline/schema';
import pg from 'pg';
import { CONFIG, type Config } from '../config/config.js';
import { Logger } from '../logging/logger.js';
import { giveBackLost } from './lost-connections.js';
import { timeoutSettings } from './statement-timeout.js';

const MAX_ATTEMPTS = 3;
const POOL_SIZE = 8;
/** serialization_failure and deadlock_detected: PostgreSQL asks for the whole transaction again. */
const retryable = new Set(['40001', '40P01']);

interface Ambient {
  readonly em: EntityManager;
  readonly scope: DataScope;
}

/**
 * The one way to the database. Every statement runs in a transaction as a role that owns nothing, with the customers it
 * may see set for row-level security and for the query filter.
 */
@Injectable()
export class Database implements OnModuleInit, OnApplicationShutdown {
  private orm: MikroORM | undefined;
  private bulkPool: pg.Pool | undefined;
  private readonly ambient = new AsyncLocalStorage<Ambient>();

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'databaseUrl'>,
    private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    this.orm ??= await MikroORM.init({
      ...ormConfig(this.config.databaseUrl),
      pool: { min: 0, max: POOL_SIZE },
      driverOptions: { onPoolCreated: giveBackLost },
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  async close(): Promise<void> {
    await Promise.all([this.bulkPool?.end(), this.orm?.close()]);
    this.bulkPool = undefined;
    this.orm = undefined;
  }

  /**
   * Runs `work` in one transaction: all of it is committed when the promise resolves, none of it when it rejects. Inside an
   * open transaction it joins that one; a scope wider than the open one's is a bug and refused.
   */
  async transaction<T>(scope: DataScope, work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.run(scope, false, work);
  }

  /** As `transaction`, but PostgreSQL refuses writes. */
  async read<T>(scope: DataScope, work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.run(scope, true, work);
  }

  /** Connections for COPY and LISTEN, which the ORM does not do. The caller sets role and scope itself. */
  get pool(): pg.Pool {
    if (!this.bulkPool) {
      this.bulkPool = new pg.Pool({ connectionString: this.config.databaseUrl, max: POOL_SIZE });
      this.bulkPool.on('error', (error) => this.logger.warn({ err: error }, 'an idle database connection was lost'));
    }
    return this.bulkPool;
  }

  /** The ORM itself, for migrations and tests of the schema. */
  get mikroOrm(): MikroORM {
    if (!this.orm) throw new DomainError('INTERNAL', 'the database was used before it was opened');
    return this.orm;
  }

  private async run<T>(scope: DataScope, readOnly: boolean, work: (em: EntityManager) => Promise<T>): Promise<T> {
    const outer = this.ambient.getStore();
    if (outer) {
      if (!covers(outer.scope, scope))
        throw new DomainError('INTERNAL', 'a nested transaction asks for more customers than the outer one');
      return work(outer.em);
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        const em = this.scopedManager(scope);
        return await em.transactional((tx) => this.ambient.run({ em: tx, scope }, () => work(tx)), {
          readOnly,
          isolationLevel: IsolationLevel.READ_COMMITTED,
        });
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS || !retryable.has(sqlState(error) ?? '')) throw error;
        await sleep(10 * 4 ** attempt * Math.random());
      }
    }
  }

  private scopedManager(scope: DataScope): EntityManager {
    const variables =
      scope.kind === 'all'
        ? { 'app.all': 'on', 'app.customers': '' }
        : { 'app.all': 'off', 'app.customers': scope.ids.join(',') };
    // The role is set as a variable too: all of them are one statement.
    const em = this.mikroOrm.em.fork({
      session: { variables: { role: APP_ROLE, ...variables, ...timeoutSettings() } },
    });
    em.setFilterParams('customer', scope.kind === 'all' ? { all: true } : { customers: [...scope.ids] });
    return em;
  }
}

/** PostgreSQL's SQLSTATE of an error, through the ORM's wrapping; undefined for other errors. */
export function sqlState(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code } = current as { code?: unknown };
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return undefined;
}

/** Name of the violated constraint, when that is what an error is about. */
export function violatedConstraint(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { constraint } = current as { constraint?: unknown };
    if (typeof constraint === 'string') return constraint;
  }
  return undefined;
}
