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

  /** As `publish` for each payload, in their order, in one statement. */
  async publishAll<P>(em: EntityManager, event: EventDeclaration<P>, payloads: readonly P[]): Promise<void> {
    if (payloads.length === 0) return;
    const texts = payloads.map((payload) => checked(event, payload));
    await em.execute(
      `insert into outbox (kind, name, payload)
       select 'event', ?, p.payload from jsonb_array_elements(?::jsonb) with ordinality as p(payload, n) order by p.n`,
      [event.name, `[${texts.join(',')}]`],
    );
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
    await em.execute('insert into outbox (kind, name, payload, not_before) values (?, ?, ?, ?)', [
      kind,
      declared.name,
      checked(declared, payload),
      notBefore ?? null,
    ]);
  }
}

/** JSON text of what a payload's schema makes of it. */
function checked<P>(
  { name, payload: schema }: { name: string; payload: EventDeclaration<P>['payload'] },
  payload: P,
): string {
  const parsed = schema.safeParse(payload);
  if (!parsed.success)
    throw new DomainError('INTERNAL', `payload of ${name} breaks its schema: ${parsed.error.message}`);
  return JSON.stringify(parsed.data);
}
