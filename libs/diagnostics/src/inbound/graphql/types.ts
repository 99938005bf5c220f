import { Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { DeviceTargetInput } from '@throughline/fleet/graphql';
import { GraphQLISODateTime, GraphQLJSON, Paginated } from '@throughline/platform';
import type { PayloadForm } from '../../domain/command.js';
import { type ExecutionState, executionStates } from '../../domain/execution-state.js';
import { type Verdict, verdicts } from '../../domain/procedure.js';

const CommandStateEnum = Object.fromEntries(executionStates.map((s) => [s, s])) as {
  readonly [S in ExecutionState]: S;
};
registerEnumType(CommandStateEnum, {
  name: 'CommandState',
  description: 'Of a command on a device',
  valuesMap: {
    queued: { description: 'Waits for the device to connect' },
    timed_out: { description: 'The device did not answer in time; a late answer still counts' },
    gave_up: { description: 'The device itself said that it ran out of time' },
    expired: { description: 'The device did not connect in time; it was never sent' },
  },
});

const VerdictEnum = Object.fromEntries(verdicts.map((v) => [v, v])) as { readonly [V in Verdict]: V };
registerEnumType(VerdictEnum, { name: 'DiagnosticVerdict' });

@ObjectType('CommandDefinition', { description: 'A version of a command of a catalogue; it never changes' })
export class CommandDefinitionType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => Int)
  version!: number;

  @Field(() => String)
  title!: string;

  @Field(() => GraphQLJSON, { description: 'JSON schema, draft 7' })
  argumentsSchema!: unknown;

  @Field(() => GraphQLJSON, { description: 'JSON schema, draft 7' })
  resultSchema!: unknown;

  @Field(() => Int)
  timeoutSeconds!: number;

  @Field(() => Int)
  expirySeconds!: number;

  @Field(() => String, { description: '"named": {"command", "arguments"} is sent; "arguments": these alone' })
  payload!: string;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;
}

@ObjectType('ResultFault', { description: 'Where a result does not fit its schema' })
export class ResultFaultType {
  @Field(() => String)
  field!: string;

  @Field(() => String)
  rule!: string;
}

/** `device` and `asset` are resolved from their ids. */
@ObjectType('CommandExecution')
export class CommandExecutionType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  command!: string;

  @Field(() => Int)
  version!: number;

  @Field(() => String)
  title!: string;

  @Field(() => GraphQLJSON)
  arguments!: unknown;

  @Field(() => CommandStateEnum)
  state!: ExecutionState;

  @Field(() => String)
  requestedBy!: string;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => GraphQLISODateTime)
  expiresAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  sentAt!: Date | null;

  @Field(() => Int, { description: 'How often it was sent' })
  deliveries!: number;

  @Field(() => GraphQLISODateTime, { nullable: true })
  deadlineAt!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: "The device's first word of it" })
  startedAt!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  endedAt!: Date | null;

  @Field(() => GraphQLISODateTime)
  updatedAt!: Date;

  @Field(() => String, { nullable: true })
  reasonCode!: string | null;

  @Field(() => String, { nullable: true })
  reasonDescription!: string | null;

  @Field(() => Int, { nullable: true })
  progressPercent!: number | null;

  @Field(() => String, { nullable: true })
  progressStep!: string | null;

  @Field(() => [String], { description: 'Lines' })
  log!: string[];

  @Field(() => GraphQLJSON, { nullable: true })
  result!: unknown;

  @Field(() => [ResultFaultType], { description: 'Empty when the result fits, or there is none' })
  resultFaults!: ResultFaultType[];

  @Field(() => Boolean, { description: 'The device ended it after our time-out' })
  late!: boolean;

  deviceId!: string;
  assetId!: string | null;
}

export const CommandExecutionConnection = Paginated(CommandExecutionType);

/** `asset` and `execution` are resolved. */
@ObjectType('DiagnosticRun', { description: 'A procedure on one machine' })
export class DiagnosticRunType {
  @Field(() => ID)
  id!: string;

  @Field(() => ID, { description: 'Of the runs that were started together' })
  batchId!: string;

  @Field(() => String)
  procedure!: string;

  @Field(() => String)
  title!: string;

  @Field(() => String)
  requestedBy!: string;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When the machine began to be busy with it' })
  from!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  to!: Date | null;

  @Field(() => CommandStateEnum)
  state!: ExecutionState;

  @Field(() => VerdictEnum, { nullable: true })
  verdict!: Verdict | null;

  @Field(() => Int, { nullable: true })
  progressPercent!: number | null;

  @Field(() => String, { nullable: true })
  progressStep!: string | null;

  @Field(() => [String], { description: 'Lines' })
  log!: string[];

  @Field(() => GraphQLJSON, { nullable: true })
  result!: unknown;

  @Field(() => [ResultFaultType])
  resultFaults!: ResultFaultType[];

  @Field(() => String, { nullable: true })
  reasonCode!: string | null;

  @Field(() => String, { nullable: true })
  reasonDescription!: string | null;

  assetId!: string | null;
  deviceId!: string;
  execution!: CommandExecutionType;
}

export const DiagnosticRunConnection = Paginated(DiagnosticRunType);

@ObjectType('LeftOut', { description: 'A target that nothing was started on or sent to' })
export class LeftOutType {
  @Field(() => ID, { description: 'As it was given' })
  id!: string;

  @Field(() => String)
  reason!: string;
}

@ObjectType('SentCommands')
export class SentCommandsType {
  @Field(() => [CommandExecutionType])
  executions!: CommandExecutionType[];

  @Field(() => [LeftOutType])
  leftOut!: LeftOutType[];
}

@ObjectType('StartedDiagnosticRuns')
export class StartedDiagnosticRunsType {
  @Field(() => [DiagnosticRunType])
  runs!: DiagnosticRunType[];

  @Field(() => [LeftOutType])
  leftOut!: LeftOutType[];
}

@InputType('RegisterCommandInput')
export class RegisterCommandInputType {
  @Field(() => ID)
  modelId!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  title!: string;

  @Field(() => String, { description: 'JSON schema (draft 7) as text' })
  argumentsSchema!: string;

  @Field(() => String, { description: 'JSON schema (draft 7) as text' })
  resultSchema!: string;

  @Field(() => Int, { description: 'From sending to the last answer, 1 to 43200' })
  timeoutSeconds!: number;

  @Field(() => Int, { description: 'How long it waits for a device that is not connected' })
  expirySeconds!: number;

  @Field(() => String, { defaultValue: 'named', description: '"named" or "arguments"' })
  payload!: PayloadForm;
}

@InputType('SendCommandInput')
export class SendCommandInputType {
  @Field(() => ID)
  deviceId!: string;

  @Field(() => String)
  command!: string;

  @Field(() => Int, { nullable: true, description: 'The newest when not given' })
  version?: number | null;

  @Field(() => String, { defaultValue: '{}', description: 'JSON object as text' })
  arguments!: string;

  @Field(() => String, { description: 'Your name of this request: the same again gives the same execution' })
  key!: string;

  @Field(() => Int, { nullable: true })
  timeoutSeconds?: number | null;

  @Field(() => Int, { nullable: true })
  expirySeconds?: number | null;
}

@InputType('SendCommandsInput')
export class SendCommandsInputType {
  @Field(() => DeviceTargetInput)
  target!: DeviceTargetInput;

  @Field(() => String, { description: "Name in the catalogue of each device's model" })
  command!: string;

  @Field(() => String, { defaultValue: '{}', description: 'JSON object as text' })
  arguments!: string;

  @Field(() => String, { description: 'Your name of this request: the same again gives the same executions' })
  key!: string;

  @Field(() => Int, { nullable: true })
  timeoutSeconds?: number | null;

  @Field(() => Int, { nullable: true })
  expirySeconds?: number | null;
}

@InputType('StartDiagnosticRunsInput')
export class StartDiagnosticRunsInputType {
  @Field(() => String, { defaultValue: 'self-test' })
  procedure!: string;

  @Field(() => DeviceTargetInput, { nullable: true })
  target?: DeviceTargetInput | null;

  @Field(() => [ID], { nullable: true })
  assetIds?: string[] | null;

  @Field(() => [ID], { nullable: true })
  deviceIds?: string[] | null;

  @Field(() => String, { description: 'Your name of this request: the same again gives the same runs' })
  key!: string;
}
