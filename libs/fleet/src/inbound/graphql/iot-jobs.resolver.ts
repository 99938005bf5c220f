import { Args, Context, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { type Connection, GraphQLJSON, pageArgs } from '@throughline/platform';
import { CancelIotJob } from '../../application/iot-jobs/cancel-iot-job.js';
import { CancelJobExecution } from '../../application/iot-jobs/cancel-job-execution.js';
import { CreateIotJob } from '../../application/iot-jobs/create-iot-job.js';
import { DeleteIotJob } from '../../application/iot-jobs/delete-iot-job.js';
import { IotJobs } from '../../application/iot-jobs/iot-jobs.js';
import { ResolveTargets } from '../../application/resolve-targets.js';
import { devicesMeant, labelOf } from './device-target.js';
import { FleetLoaders } from './fleet-loaders.js';
import { IotJobLoaders } from './iot-jobs.loaders.js';
import {
  CreateJobInputType,
  JobConnection,
  JobExecutionConnection,
  JobExecutionsArgs,
  JobExecutionType,
  JobStatusCountType,
  JobsArgs,
  JobType,
} from './iot-jobs.types.js';
import { DeviceType } from './types.js';

@Resolver(() => JobType)
export class JobsResolver {
  constructor(
    private readonly all: IotJobs,
    private readonly create: CreateIotJob,
    private readonly targets: ResolveTargets,
    private readonly cancel: CancelIotJob,
    private readonly remove: DeleteIotJob,
    private readonly loaders: IotJobLoaders,
  ) {}

  @Requires('jobs:read')
  @Query(() => JobConnection, { description: 'Newest first' })
  jobs(@Args() { search, status, first, after }: JobsArgs): Promise<Connection<JobType>> {
    return this.all.page({ search: search ?? undefined, status: status ?? undefined }, pageArgs(first, after));
  }

  @Requires('jobs:read')
  @Query(() => JobType, { nullable: true })
  async job(@Args('id', { type: () => ID }) id: string): Promise<JobType | undefined> {
    const [job] = await this.all.many([id]);
    return job;
  }

  @Requires('jobs:write')
  @Mutation(() => JobType, { description: 'Queues a job for things and tells those that are connected' })
  async createJob(
    @CurrentScope() scope: RequestScope,
    @Args('input', { type: () => CreateJobInputType }) input: CreateJobInputType,
  ): Promise<JobType> {
    const { target, thingNames, targetLabel } = input;
    const ids = thingNames && (await this.all.deviceIds(scope.data, thingNames));
    const deviceIds = await devicesMeant(this.targets, scope.data, target, { field: 'thingNames', ids });
    const label = labelOf(target ?? { things: thingNames });
    return this.create.run(scope.data, {
      jobId: input.jobId ?? undefined,
      description: input.description ?? undefined,
      document: input.document,
      deviceIds,
      targetLabel: targetLabel ?? label,
      inProgressTimeoutMinutes: input.inProgressTimeoutMinutes ?? undefined,
      retries: input.retries ?? undefined,
      createdBy: scope.actor.name,
    });
  }

  @Requires('jobs:write')
  @Mutation(() => JobType, {
    description: 'Nothing more of the job is begun; with force, what is in progress on things is given up too',
  })
  cancelJob(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
    @Args('force', { type: () => Boolean, nullable: true, defaultValue: false }) force?: boolean | null,
  ): Promise<JobType> {
    return this.cancel.run(scope.data, { id, force: force ?? false });
  }

  @Requires('jobs:write')
  @Mutation(() => Boolean, {
    description: 'Forgets a job that is over and all its executions; with force also one that is not over',
  })
  async deleteJob(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
    @Args('force', { type: () => Boolean, nullable: true, defaultValue: false }) force?: boolean | null,
  ): Promise<boolean> {
    await this.remove.run(scope.data, { id, force: force ?? false });
    return true;
  }

  @ResolveField(() => GraphQLJSON, { description: 'As it was given; links are made when a device gets it' })
  document(@Parent() job: JobType): unknown {
    return JSON.parse(job.document);
  }

  @Requires('jobs:read')
  @ResolveField(() => [JobStatusCountType], { description: 'Things by the status of their latest execution' })
  counts(@Parent() job: JobType, @Context() context: IdentityContext): Promise<JobStatusCountType[]> {
    return this.loaders.counts(context, job.id);
  }

  @Requires('jobs:read')
  @ResolveField(() => JobExecutionConnection, { description: 'In the order they were queued' })
  executions(
    @CurrentScope() scope: RequestScope,
    @Parent() job: JobType,
    @Args() { status, first, after }: JobExecutionsArgs,
  ): Promise<Connection<JobExecutionType>> {
    const filter = { iotJobId: job.id, status: status ?? undefined };
    return this.all.executionsPage(scope.data, filter, pageArgs(first, after));
  }
}

@Resolver(() => JobExecutionType)
export class JobExecutionsResolver {
  constructor(
    private readonly cancel: CancelJobExecution,
    private readonly fleet: FleetLoaders,
    private readonly loaders: IotJobLoaders,
  ) {}

  @Requires('jobs:write')
  @Mutation(() => JobExecutionType, {
    description: 'One thing need not do a job any more; with force also when it has begun',
  })
  cancelJobExecution(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
    @Args('force', { type: () => Boolean, nullable: true, defaultValue: false }) force?: boolean | null,
  ): Promise<JobExecutionType> {
    return this.cancel.run(scope.data, { id, force: force ?? false });
  }

  @Requires('jobs:read')
  @ResolveField(() => JobType)
  job(@Parent() execution: JobExecutionType, @Context() context: IdentityContext): Promise<JobType> {
    return this.loaders.job(context, execution.iotJobId);
  }

  @Requires('devices:read')
  @ResolveField(() => DeviceType)
  device(@Parent() execution: JobExecutionType, @Context() context: IdentityContext): Promise<DeviceType> {
    return this.fleet.device(context, execution.deviceId);
  }
}

/** What jobs know of a device. */
@Resolver(() => DeviceType)
export class DeviceJobsResolver {
  constructor(private readonly loaders: IotJobLoaders) {}

  @Requires('jobs:read')
  @ResolveField(() => [JobExecutionType], { description: 'Newest first' })
  jobExecutions(
    @Parent() device: DeviceType,
    @Context() context: IdentityContext,
    @Args('first', { type: () => Int, nullable: true, defaultValue: 20 }) first?: number | null,
  ): Promise<JobExecutionType[]> {
    return this.loaders.ofDevice(context, device.id, pageArgs(first).first);
  }
}
