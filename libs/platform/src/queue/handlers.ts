import { Injectable, SetMetadata } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { DomainError } from '@throughline/kernel';
import type { JobDeclaration, JobHandler } from '../outbox/declarations.js';

const HANDLES = Symbol('handles job');

/** Marks a provider as the one handler of a job. */
export const HandlesJob = <P>(job: JobDeclaration<P>): ClassDecorator => SetMetadata(HANDLES, job);

export interface HandledJob {
  readonly job: JobDeclaration;
  readonly handler: JobHandler<JobDeclaration>;
}

/** The jobs that the modules of this process handle. */
@Injectable()
export class JobRegistry {
  constructor(private readonly discovery: DiscoveryService) {}

  /** By job name. Throws when a job has two handlers. */
  handlers(): Map<string, HandledJob> {
    const found = new Map<string, HandledJob>();
    for (const { instance, metatype } of this.discovery.getProviders()) {
      const job: JobDeclaration | undefined = metatype ? Reflect.getMetadata(HANDLES, metatype) : undefined;
      if (!job || !instance) continue;
      if (found.has(job.name)) throw new DomainError('INTERNAL', `job ${job.name} has two handlers`);
      found.set(job.name, { job, handler: instance as JobHandler<JobDeclaration> });
    }
    return found;
  }

  /** As `handlers`, and throws when one of the declared jobs has none. */
  complete(declared: readonly JobDeclaration<never>[]): Map<string, HandledJob> {
    const found = this.handlers();
    const missing = declared.filter((job) => !found.has(job.name)).map((job) => job.name);
    if (missing.length > 0) throw new DomainError('INTERNAL', `no handler for ${missing.join(', ')}`);
    return found;
  }
}
