import { Injectable } from '@nestjs/common';
import { invalid, isId, notFound } from '@throughline/kernel';
import {
  type Connection,
  connectionOf,
  Database,
  type DataScope,
  decodeCursor,
  everyCustomer,
  type PageRequest,
} from '@throughline/platform';
import { type ExecutionStatus, executionStatuses, type JobExecution } from '../../domain/iot-jobs/execution.js';
import { type IotJob, iotJobStatuses, isJobId, type StatusCounts } from '../../domain/iot-jobs/iot-job.js';
import { isThingName } from '../../domain/thing-name.js';
import { type IotJobFilter, IotJobStore } from '../../storage/iot-job.store.js';
import { JobExecutionStore } from '../../storage/job-execution.store.js';

const JOBS = 'jobs';
const EXECUTIONS = 'job-executions';

/** Jobs, which are the manufacturer's, and those executions that one may see. */
@Injectable()
export class IotJobs {
  constructor(
    private readonly database: Database,
    private readonly jobs: IotJobStore,
    private readonly all: JobExecutionStore,
  ) {}

  /** Those that exist, in no order. */
  async many(ids: readonly string[]): Promise<IotJob[]> {
    return this.database.read(everyCustomer, (em) => this.jobs.byIds(em, ids));
  }

  /** Errors: NOT_FOUND. */
  async get(id: string): Promise<IotJob> {
    const [job] = await this.many([id]);
    if (!job) throw notFound('job', id);
    return job;
  }

  /** By the name that devices know it by. */
  async byJobId(jobId: string): Promise<IotJob | undefined> {
    if (!isJobId(jobId)) return undefined;
    return this.database.read(everyCustomer, (em) => this.jobs.byJobId(em, jobId));
  }

  /** Newest first. Errors: INVALID_INPUT for a status that there is not. */
  async page(filter: IotJobFilter, page: PageRequest): Promise<Connection<IotJob>> {
    if (filter.status !== undefined && !iotJobStatuses.includes(filter.status))
      throw invalid({ field: 'status', value: filter.status, rule: `must be one of ${iotJobStatuses.join(', ')}` });
    const after = afterOf(JOBS, page);
    const { rows, total } = await this.database.read(everyCustomer, (em) =>
      this.jobs.page(em, filter, page.first + 1, after),
    );
    return connectionOf(
      JOBS,
      rows,
      page,
      total,
      ({ id }) => [id],
      (job) => job,
    );
  }

  /** How many things are where, by the latest execution of each, whoever's they are; a job for each id. */
  async counts(ids: readonly string[]): Promise<Map<string, StatusCounts>> {
    return this.database.read(everyCustomer, (em) => this.jobs.counts(em, ids));
  }

  /** Those that exist and are visible, in no order. */
  async executions(scope: DataScope, ids: readonly string[]): Promise<JobExecution[]> {
    return this.database.read(scope, (em) => this.all.byIds(em, ids));
  }

  /** Of a job, in the order they were queued. Errors: INVALID_INPUT for a status that there is not. */
  async executionsPage(
    scope: DataScope,
    filter: { iotJobId: string; status?: ExecutionStatus | undefined },
    page: PageRequest,
  ): Promise<Connection<JobExecution>> {
    if (filter.status !== undefined && !executionStatuses.includes(filter.status))
      throw invalid({ field: 'status', value: filter.status, rule: `must be one of ${executionStatuses.join(', ')}` });
    const after = afterOf(EXECUTIONS, page);
    const { rows, total } = await this.database.read(scope, (em) => this.all.page(em, filter, page.first + 1, after));
    return connectionOf(
      EXECUTIONS,
      rows,
      page,
      total,
      ({ id }) => [id],
      (execution) => execution,
    );
  }

  /** Newest first, at most `first` a device. */
  async executionsOfDevices(scope: DataScope, deviceIds: readonly string[], first: number): Promise<JobExecution[]> {
    return this.database.read(scope, (em) => this.all.latestOfDevices(em, deviceIds, first));
  }

  /** Ids of the things. Errors: NOT_FOUND naming the first that does not exist or is not visible. */
  async deviceIds(scope: DataScope, thingNames: readonly string[]): Promise<string[]> {
    const things = await this.database.read(scope, (em) => this.all.thingsByName(em, thingNames.filter(isThingName)));
    const known = new Map(things.map((thing) => [thing.thingName, thing.id]));
    return thingNames.map((name) => {
      const id = known.get(name);
      if (id === undefined) throw notFound('device', name);
      return id;
    });
  }
}

function afterOf(list: string, { after }: PageRequest): string | undefined {
  const [id] = after === undefined ? [] : decodeCursor(list, after, ['string']);
  if (id !== undefined && !isId(id))
    throw invalid({ field: 'after', value: after, rule: 'must be a cursor that this list gave' });
  return id?.toString();
}
