import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Clock, SystemClock } from '@throughline/kernel';
import { CONFIG, type Config } from './config/config.js';
import { Database } from './database/database.js';
import { Downlink } from './device-bus/downlink.js';
import { LiveSignals } from './live/live-signals.js';
import { Logger } from './logging/logger.js';
import { Metrics } from './metrics/metrics.js';
import { Outbox } from './outbox/outbox.js';
import { OutboxRelay } from './outbox/outbox-relay.js';
import { JobRegistry } from './queue/handlers.js';
import { JobRunner } from './queue/job-runner.js';
import { Queues } from './queue/queues.js';
import { Secrets } from './secrets/secrets.js';

const shared = [Logger, Metrics, Database, LiveSignals, Downlink, Outbox, Secrets, Queues, JobRegistry];

/** The technical ground, for every process. */
@Global()
@Module({})
export class PlatformModule {
  static forRoot(config: Config, clock: Clock = new SystemClock()): DynamicModule {
    return {
      module: PlatformModule,
      imports: [DiscoveryModule],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: Clock, useValue: clock },
        ...shared,
        JobRunner,
        OutboxRelay,
      ],
      exports: [CONFIG, Clock, ...shared, JobRunner, OutboxRelay],
    };
  }
}
