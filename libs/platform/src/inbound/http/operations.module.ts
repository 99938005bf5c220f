import { type DynamicModule, Module } from '@nestjs/common';
import { OperationsController } from './operations.controller.js';
import { READINESS, type ReadinessCheck } from './readiness.js';

@Module({})
export class OperationsModule {
  /** `checks`: what this process needs besides the database; built from the injected providers. */
  static for(
    checks: {
      inject: (abstract new (...args: never[]) => unknown)[];
      make: (...providers: never[]) => ReadinessCheck[];
    } = { inject: [], make: () => [] },
  ): DynamicModule {
    return {
      module: OperationsModule,
      controllers: [OperationsController],
      providers: [
        {
          provide: READINESS,
          inject: checks.inject as never[],
          useFactory: (...providers: never[]) => checks.make(...providers),
        },
      ],
    };
  }
}
