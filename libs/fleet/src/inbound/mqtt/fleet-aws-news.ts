import { Injectable } from '@nestjs/common';
import { DomainError } from '@throughline/kernel';
import { Database, everyCustomer, Outbox } from '@throughline/platform';
import type { z } from 'zod';
import { AwsNews } from '../../application/aws/aws-news.js';
import { MirrorShadow } from '../../application/aws/mirror-shadow.js';
import { readAwsExecution } from '../../application/aws/read-executions.js';
import { RecordLifeCycle } from '../../application/aws/record-life-cycle.js';
import {
  deletedMessage,
  documentsMessage,
  executionEvent,
  jobEvent,
  lifeCycleEvent,
  thingOfArn,
  toShadow,
} from '../../domain/aws/news.js';
import { ShadowRefusal } from '../../domain/shadow/refusal.js';

const things = '$aws/things/+/shadow';
const events = '$aws/events';

/** Connections, shadows and jobs, as AWS IoT tells of them. */
@Injectable()
export class FleetAwsNews extends AwsNews {
  readonly filters = [
    `${events}/presence/connected/+`,
    `${events}/presence/disconnected/+`,
    `${things}/update/documents`,
    `${things}/name/+/update/documents`,
    `${things}/delete/accepted`,
    `${things}/name/+/delete/accepted`,
    `${events}/jobExecution/+/+`,
    `${events}/job/+/+`,
  ];

  constructor(
    private readonly database: Database,
    private readonly lifeCycle: RecordLifeCycle,
    private readonly shadow: MirrorShadow,
    private readonly outbox: Outbox,
  ) {
    super();
  }

  async take(topic: string, payload: Buffer): Promise<void> {
    const levels = topic.split('/');
    if (levels[1] === 'things') return this.takeShadow(levels, payload);
    if (levels[2] === 'presence') return this.lifeCycle.run(read(lifeCycleEvent, topic, payload));
    if (levels[2] === 'job') return this.ask({ jobId: read(jobEvent, topic, payload).jobId });
    const { jobId, thingArn } = read(executionEvent, topic, payload);
    return this.ask({ jobId, thingName: thingOfArn(thingArn) });
  }

  /** `$aws/things/{thing}/shadow[/name/{name}]/…` */
  private async takeShadow(levels: readonly string[], payload: Buffer): Promise<void> {
    const topic = levels.join('/');
    const thingName = levels[2] ?? '';
    const name = levels[4] === 'name' ? (levels[5] ?? '') : '';
    try {
      if (levels.at(-1) === 'documents')
        await this.shadow.updated(thingName, name, toShadow(read(documentsMessage, topic, payload).current));
      else await this.shadow.deleted(thingName, name, read(deletedMessage, topic, payload).version);
    } catch (error) {
      if (error instanceof ShadowRefusal) throw unreadable(topic, error.message);
      throw error;
    }
  }

  /** What is read at AWS IoT is read by the worker. */
  private async ask(what: { jobId: string; thingName?: string }): Promise<void> {
    await this.database.transaction(everyCustomer, (em) => this.outbox.enqueue(em, readAwsExecution, what));
  }
}

const unreadable = (topic: string, why: string): DomainError =>
  new DomainError('INVALID_INPUT', `a message of AWS IoT on ${topic} cannot be read: ${why}`);

function read<T>(schema: z.ZodType<T>, topic: string, payload: Buffer): T {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    throw unreadable(topic, 'it is not JSON');
  }
  const result = schema.safeParse(value);
  if (!result.success)
    throw unreadable(topic, result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  return result.data;
}
