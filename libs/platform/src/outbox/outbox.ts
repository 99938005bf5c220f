import type { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { DomainError } from '@throughline/kernel';
import type { EventDeclaration, JobDeclaration } from './declarations.js';

/** Events and job requests are rows of the transaction that causes them; the worker's relay hands them on after the commit. */
@Injectable()
export class Outbox {
  async publish<P>(em: EntityManager, event: EventDeclaration<P>, payload: P): Promise<void> {
    await this.write(em, 'event', event, payload);
  }

  async enqueue<P>(
    em: EntityManager,
    job: JobDeclaration<P>,
    payload: P,
    options: { notBefore?: Date } = {},
  ): Promise<void> {
    await this.write(em, 'job', job, payload, options.notBefore);
  }

  private async write<P>(
    em: EntityManager,
    kind: 'event' | 'job',
    declared: { name: string; payload: EventDeclaration<P>['payload'] },
    payload: P,
    notBefore?: Date,
  ): Promise<void> {
    const parsed = declared.payload.safeParse(payload);
    if (!parsed.success)
      throw new DomainError('INTERNAL', `payload of ${declared.name} breaks its schema: ${parsed.error.message}`);
    await em.execute('insert into outbox (kind, name, payload, not_before) values (?, ?, ?, ?)', [
      kind,
      declared.name,
      JSON.stringify(parsed.data),
      notBefore ?? null,
    ]);
  }
}
