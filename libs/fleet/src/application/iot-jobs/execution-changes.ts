import { Injectable } from '@nestjs/common';
import { Clock, DomainError, newId } from '@throughline/kernel';
import { type DeviceMessage, Downlink, type EntityManager, grouped, Logger, Outbox } from '@throughline/platform';
import { executionLife, isPending, type JobExecution } from '../../domain/iot-jobs/execution.js';
import { type IotJob, retryFollows } from '../../domain/iot-jobs/iot-job.js';
import { retryOf } from '../../domain/iot-jobs/moves.js';
import { inOrderOfWork, type News, newsOf } from '../../domain/iot-jobs/pending.js';
import { notifyMessage, notifyNextMessage, notifyNextTopic, notifyTopic } from '../../domain/iot-jobs/wire.js';
import { IotJobStore } from '../../storage/iot-job.store.js';
import { JobExecutionStore, type Thing } from '../../storage/job-execution.store.js';
import { jobCompleted, jobExecutionChanged } from './events.js';
import { JobDocuments } from './job-documents.js';

/** What all changes of executions are made of: things locked, changes written and told of, retries, the end of the job. */
@Injectable()
export class ExecutionChanges {
  constructor(
    private readonly executions: JobExecutionStore,
    private readonly jobs: IotJobStore,
    private readonly documents: JobDocuments,
    private readonly outbox: Outbox,
    private readonly downlink: Downlink,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * Does `work` with the things locked, and gives what their connections are to be told of afterwards: the difference between
   * what was pending before and after. Locks are taken in one order: devices by id, then a job.
   */
  async of<T>(
    em: EntityManager,
    deviceIds: readonly string[],
    work: (things: readonly Thing[]) => Promise<T>,
  ): Promise<{ result: T; messages: DeviceMessage[] }> {
    const things = await this.executions.lockThings(em, deviceIds);
    const before = await this.pending(em, things);
    const result = await work(things);
    const after = await this.pending(em, things);
    const news = things.map((thing, i) => ({
      thing,
      after: after[i] ?? [],
      ...newsOf(before[i] ?? [], after[i] ?? []),
    }));
    return { result, messages: await this.messagesOf(em, news) };
  }

  /** As `of`, from a process without connections: the messages are sent by a gateway after the commit. */
  async told<T>(
    em: EntityManager,
    deviceIds: readonly string[],
    work: (things: readonly Thing[]) => Promise<T>,
  ): Promise<T> {
    const { result, messages } = await this.of(em, deviceIds, work);
    await this.downlink.send(em, messages);
    return result;
  }

  /**
   * As `of`, from the process that answers the device: the messages to be sent after the commit. They queue up behind older
   * ones of other processes when there are such.
   */
  async answered<T>(
    em: EntityManager,
    deviceId: string,
    work: (thing: Thing) => Promise<T>,
  ): Promise<{ result: T; messages: DeviceMessage[] }> {
    const { result, messages } = await this.of(em, [deviceId], async ([thing]) => {
      if (!thing) throw new DomainError('INTERNAL', `device ${deviceId} speaks and is not registered`);
      return work(thing);
    });
    const overtakes = await this.downlink.waits(
      em,
      messages.map(({ topic }) => topic),
    );
    if (!overtakes) return { result, messages };
    await this.downlink.send(em, messages);
    return { result, messages: [] };
  }

  /** Stores a change of a locked thing's execution; what follows from an end is `followEnd`'s. */
  async write(em: EntityManager, thing: Thing, before: JobExecution, after: JobExecution): Promise<void> {
    if (!(await this.executions.save(em, after, before.versionNumber)))
      throw new DomainError('INTERNAL', `the execution of "${after.jobId}" changed although its thing was locked`);
    await this.publish(em, thing, before.status, after);
  }

  /** Another try of a job on a locked thing. */
  async insert(em: EntityManager, thing: Thing, execution: JobExecution): Promise<void> {
    await this.executions.insert(em, execution);
    await this.publish(em, thing, null, execution);
  }

  /** As `write` for executions that are ended from here, in a fixed number of statements. */
  async writeEnded(
    em: EntityManager,
    changes: readonly { thing: Thing; before: JobExecution; after: JobExecution }[],
  ): Promise<void> {
    const saved = await this.executions.saveEnded(
      em,
      changes.map(({ after }) => after),
    );
    if (saved !== changes.length)
      throw new DomainError(
        'INTERNAL',
        `${changes.length - saved} executions changed although their things were locked`,
      );
    await this.outbox.publishAll(
      em,
      jobExecutionChanged,
      changes.map(({ thing, before, after }) => newsOfChange(thing, before.status, after)),
    );
  }

  /** After an execution ended by itself: another try, or else perhaps the end of the job. */
  async followEnd(em: EntityManager, thing: Thing, ended: JobExecution): Promise<void> {
    if (isPending(ended)) return;
    const job = await this.jobs.lock(em, ended.iotJobId);
    if (!job) return;
    if (job.status === 'IN_PROGRESS' && executionLife[ended.status].retried && job.retries.length > 0) {
      const tries = await this.executions.tries(em, job.id, thing.id);
      if (retryFollows(job.retries, ended.status, tries)) {
        const now = this.clock.now();
        const retry = retryOf({ ...ended, customerId: thing.customerId }, newId(now.getTime()), now);
        return this.insert(em, thing, retry);
      }
    }
    await this.settle(em, job);
  }

  /** Completes a job (locked) when none of its executions is pending any more. */
  async settle(em: EntityManager, job: IotJob): Promise<void> {
    if (job.completedAt || job.status === 'DELETION_IN_PROGRESS' || (await this.jobs.hasPending(em, job.id))) return;
    const now = this.clock.now();
    const status = job.status === 'CANCELED' ? 'CANCELED' : 'COMPLETED';
    await this.jobs.complete(em, job.id, status, now);
    const counts = (await this.jobs.counts(em, [job.id])).get(job.id) ?? {};
    await this.outbox.publish(em, jobCompleted, {
      iotJobId: job.id,
      jobId: job.jobId,
      status,
      counts,
      at: now.getTime(),
    });
  }

  private async publish(
    em: EntityManager,
    thing: Thing,
    from: JobExecution['status'] | null,
    execution: JobExecution,
  ): Promise<void> {
    await this.outbox.publish(em, jobExecutionChanged, newsOfChange(thing, from, execution));
  }

  private async pending(em: EntityManager, things: readonly Thing[]): Promise<JobExecution[][]> {
    const ids = things.map(({ id }) => id);
    const rows = await this.executions.pendingOf(em, ids);
    return grouped(ids, rows, ({ deviceId }) => deviceId).map(inOrderOfWork);
  }

  private async messagesOf(em: EntityManager, all: readonly (News & ThingNow)[]): Promise<DeviceMessage[]> {
    const firsts = all.flatMap(({ notifyNext, after: [next] }) => (notifyNext && next ? [next.iotJobId] : []));
    const rows = firsts.length > 0 ? await this.jobs.byIds(em, [...new Set(firsts)]) : [];
    const jobs = new Map(rows.map((job) => [job.id, job]));
    const now = this.clock.now();
    const messages: DeviceMessage[] = [];
    for (const { thing, after, notify, notifyNext } of all) {
      const { thingName } = thing;
      if (notify) messages.push({ topic: notifyTopic(thingName), payload: JSON.stringify(notifyMessage(after, now)) });
      if (!notifyNext) continue;
      const [next] = after;
      const document = next && (await this.documentOf(thing, jobs.get(next.iotJobId)));
      const message = notifyNextMessage(next, now, document);
      messages.push({ topic: notifyNextTopic(thingName), payload: JSON.stringify(message) });
    }
    return messages;
  }

  /**
   * The document for `notify-next`. One that cannot be made now is left out: the device asks for it, and the change that this is
   * news of does not fail for the next job's sake.
   */
  private async documentOf(thing: Thing, job: IotJob | undefined): Promise<unknown> {
    if (!job) return undefined;
    const { jobId } = job;
    const { id: deviceId, thingName } = thing;
    try {
      return await this.documents.filled(job.document, { jobId, deviceId, thingName });
    } catch (error) {
      this.logger.error({ err: error, jobId, thingName }, 'a job was announced without its document');
      return undefined;
    }
  }
}

interface ThingNow {
  readonly thing: Thing;
  readonly after: readonly JobExecution[];
}

const newsOfChange = (
  { thingName }: Thing,
  from: JobExecution['status'] | null,
  { id, iotJobId, jobId, deviceId, executionNumber, status, versionNumber, lastUpdatedAt }: JobExecution,
) => ({
  executionId: id,
  iotJobId,
  jobId,
  deviceId,
  thingName,
  executionNumber,
  from,
  to: status,
  versionNumber,
  at: lastUpdatedAt.getTime(),
});
