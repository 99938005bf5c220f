import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { GraphQLISODateTime, GraphQLJSON, PageInput, Paginated } from '@throughline/platform';
import { type ExecutionStatus, executionStatuses, type StatusDetails } from '../../domain/iot-jobs/execution.js';
import { failureTypes, type IotJobStatus, iotJobStatuses, type RetryCriterion } from '../../domain/iot-jobs/iot-job.js';
import { DeviceTargetInput } from './device-target.js';

const enumOf = <T extends string>(values: readonly T[]) =>
  Object.fromEntries(values.map((value) => [value, value])) as { readonly [V in T]: V };

export const JobStatusEnum = enumOf(iotJobStatuses);
export const JobExecutionStatusEnum = enumOf(executionStatuses);
export const JobFailureTypeEnum = enumOf(failureTypes);
registerEnumType(JobStatusEnum, { name: 'JobStatus' });
registerEnumType(JobExecutionStatusEnum, { name: 'JobExecutionStatus' });
registerEnumType(JobFailureTypeEnum, { name: 'JobFailureType' });

@ObjectType('JobRetry', { description: 'So many more tries after one that ended so' })
export class JobRetryType {
  @Field(() => JobFailureTypeEnum)
  failureType!: RetryCriterion['failureType'];

  @Field(() => Int)
  numberOfRetries!: number;
}

@ObjectType('JobStatusCount')
export class JobStatusCountType {
  @Field(() => JobExecutionStatusEnum)
  status!: ExecutionStatus;

  @Field(() => Int)
  things!: number;
}

/** `counts` and `executions` are resolved; `document` is JSON text here and a value in the schema. */
@ObjectType('Job', { description: 'What is to be done by things: an AWS IoT job' })
export class JobType {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'The name that devices know it by' })
  jobId!: string;

  @Field(() => String)
  description!: string;

  document!: string;

  @Field(() => String, { description: 'Whom it was made for' })
  targetLabel!: string;

  @Field(() => JobStatusEnum)
  status!: IotJobStatus;

  @Field(() => Int, { nullable: true, description: 'From IN_PROGRESS on' })
  inProgressTimeoutMinutes!: number | null;

  @Field(() => [JobRetryType])
  retries!: readonly JobRetryType[];

  @Field(() => String)
  createdBy!: string;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => GraphQLISODateTime)
  lastUpdatedAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Since when nothing of it is pending' })
  completedAt!: Date | null;
}

/** `job` and `device` are resolved from their ids. */
@ObjectType('JobExecution', { description: 'A job on a thing, once; a retry is another one' })
export class JobExecutionType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  jobId!: string;

  @Field(() => Int)
  executionNumber!: number;

  @Field(() => JobExecutionStatusEnum)
  status!: ExecutionStatus;

  @Field(() => GraphQLJSON, { description: 'In the device’s own words: texts by name' })
  statusDetails!: StatusDetails;

  @Field(() => Int)
  versionNumber!: number;

  @Field(() => GraphQLISODateTime)
  queuedAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  startedAt!: Date | null;

  @Field(() => GraphQLISODateTime)
  lastUpdatedAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  timesOutAt!: Date | null;

  iotJobId!: string;
  deviceId!: string;
}

export const JobConnection = Paginated(JobType);
export const JobExecutionConnection = Paginated(JobExecutionType);

@ArgsType()
export class JobsArgs extends PageInput {
  @Field(() => String, { nullable: true, description: 'Part of the job’s id or description' })
  search?: string | null;

  @Field(() => JobStatusEnum, { nullable: true })
  status?: IotJobStatus | null;
}

@ArgsType()
export class JobExecutionsArgs extends PageInput {
  @Field(() => JobExecutionStatusEnum, { nullable: true })
  status?: ExecutionStatus | null;
}

@InputType('JobRetryInput')
export class JobRetryInputType {
  @Field(() => JobFailureTypeEnum)
  failureType!: RetryCriterion['failureType'];

  @Field(() => Int)
  numberOfRetries!: number;
}

@InputType('CreateJobInput')
export class CreateJobInputType {
  @Field(() => String, { nullable: true, description: '1 to 64 of a-z A-Z 0-9 _ -; made up when not given' })
  jobId?: string | null;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => String, { description: 'JSON text of an object, at most 32 KB' })
  document!: string;

  @Field(() => DeviceTargetInput, { nullable: true })
  target?: DeviceTargetInput | null;

  @Field(() => [String], { nullable: true, description: 'Instead of a target' })
  thingNames?: string[] | null;

  @Field(() => String, { nullable: true, description: 'Whom it is for, in words' })
  targetLabel?: string | null;

  @Field(() => Int, { nullable: true, description: '1 to 10080' })
  inProgressTimeoutMinutes?: number | null;

  @Field(() => [JobRetryInputType], { nullable: true, description: 'At most 10 in all' })
  retries?: JobRetryInputType[] | null;
}
