import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { loader } from '@throughline/platform';
import { AwsProblems } from '../../application/aws/aws-problems.js';
import { JobType } from './iot-jobs.types.js';
import { DeviceType } from './types.js';

@Resolver(() => DeviceType)
export class DeviceAwsProblemResolver {
  constructor(private readonly problems: AwsProblems) {}

  @Requires('devices:read')
  @ResolveField(() => String, {
    nullable: true,
    description: 'In AWS mode: why AWS IoT does not have it as it is here',
  })
  awsProblem(
    @Parent() device: DeviceType,
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
  ): Promise<string | null> {
    return loader<string, string | null>(context, 'fleet.deviceAwsProblem', async (ids) => {
      const problems = await this.problems.ofDevices(scope.data, ids);
      return ids.map((id) => problems.get(id) ?? null);
    }).load(device.id);
  }
}

@Resolver(() => JobType)
export class JobAwsProblemResolver {
  constructor(private readonly problems: AwsProblems) {}

  @Requires('jobs:read')
  @ResolveField(() => String, {
    nullable: true,
    description: 'In AWS mode: why AWS IoT does not have it as it is here',
  })
  awsProblem(
    @Parent() job: JobType,
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
  ): Promise<string | null> {
    return loader<string, string | null>(context, 'fleet.jobAwsProblem', async (ids) => {
      const problems = await this.problems.ofJobs(scope.data, ids);
      return ids.map((id) => problems.get(id) ?? null);
    }).load(job.id);
  }
}
