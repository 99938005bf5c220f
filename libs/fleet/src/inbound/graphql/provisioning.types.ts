import { ArgsType, Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { GraphQLISODateTime, PageInput, Paginated } from '@throughline/platform';

@ObjectType('TemplateParameter')
export class TemplateParameterType {
  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true, description: 'Null where the board must say it' })
  default!: string | null;
}

@ObjectType('ConfigurationEntry')
export class ConfigurationEntryType {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  value!: string;
}

/** `model`, `parameters` and `deviceConfiguration` are resolved. */
@ObjectType('ProvisioningTemplate')
export class ProvisioningTemplateType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  thingNamePattern!: string;

  @Field(() => String, { nullable: true })
  hookUrl!: string | null;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  modelId!: string;
}

/** `template` is resolved from its id. */
@ObjectType('ClaimBatch')
export class ClaimBatchType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => Int)
  maxCount!: number;

  @Field(() => Int)
  provisionedCount!: number;

  @Field(() => GraphQLISODateTime)
  expiresAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  deactivatedAt!: Date | null;

  @Field(() => Boolean, { description: 'Whether only listed serial numbers are allowed' })
  serialsListed!: boolean;

  @Field(() => String, { description: 'Of the claim certificate, SHA-256' })
  fingerprint!: string;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  templateId!: string;
}

@ObjectType('RegisteredCa')
export class RegisteredCaType {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'SHA-256 of its certificate' })
  fingerprint!: string;

  @Field(() => String)
  subject!: string;

  @Field(() => GraphQLISODateTime)
  notAfter!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  deactivatedAt!: Date | null;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  templateId!: string;
}

@ObjectType('ProvisioningAttempt')
export class ProvisioningAttemptType {
  @Field(() => ID)
  id!: string;

  @Field(() => GraphQLISODateTime)
  at!: Date;

  @Field(() => String)
  operation!: string;

  @Field(() => Boolean)
  accepted!: boolean;

  @Field(() => String, { nullable: true, description: 'Error code the board was given' })
  reason!: string | null;

  @Field(() => String, { nullable: true })
  message!: string | null;

  @Field(() => String)
  clientId!: string;

  @Field(() => String, { nullable: true })
  remoteAddress!: string | null;

  @Field(() => String, { nullable: true, description: 'Of the certificate concerned, SHA-256' })
  fingerprint!: string | null;

  @Field(() => String, { nullable: true })
  thingName!: string | null;

  @Field(() => ID, { nullable: true })
  batchId!: string | null;

  @Field(() => ID, { nullable: true })
  caId!: string | null;
}

@ObjectType('NewClaimBatch')
export class NewClaimBatchType {
  @Field(() => ClaimBatchType)
  batch!: ClaimBatchType;

  @Field(() => String)
  certificatePem!: string;

  @Field(() => String, { description: 'Shown here once and stored nowhere' })
  privateKeyPem!: string;

  @Field(() => String)
  caPem!: string;
}

export const ProvisioningTemplateConnection = Paginated(ProvisioningTemplateType);
export const ClaimBatchConnection = Paginated(ClaimBatchType);
export const RegisteredCaConnection = Paginated(RegisteredCaType);
export const ProvisioningAttemptConnection = Paginated(ProvisioningAttemptType);

@InputType('TemplateParameterInput')
export class TemplateParameterInput {
  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  default?: string | null;
}

@InputType('ConfigurationEntryInput')
export class ConfigurationEntryInput {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  value!: string;
}

@InputType('CreateProvisioningTemplateInput')
export class CreateProvisioningTemplateInput {
  @Field(() => String, { description: 'Part of the topic by which boards ask' })
  name!: string;

  @Field(() => String)
  modelName!: string;

  @Field(() => [TemplateParameterInput])
  parameters!: TemplateParameterInput[];

  @Field(() => String, { description: 'Such as "compressor-${SerialNumber}"' })
  thingNamePattern!: string;

  @Field(() => [ConfigurationEntryInput], { nullable: true, description: 'Told to the board when it is a device' })
  deviceConfiguration?: ConfigurationEntryInput[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'Asked by POST before anything is made; 5 s, and only a yes is a yes',
  })
  hookUrl?: string | null;
}

@InputType('CreateClaimBatchInput')
export class CreateClaimBatchInput {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  templateName!: string;

  @Field(() => Int)
  maxCount!: number;

  @Field(() => GraphQLISODateTime)
  expiresAt!: Date;

  @Field(() => [String], { nullable: true, description: 'Only these; without it any' })
  serialNumbers?: string[] | null;
}

@InputType('RegisterCaInput')
export class RegisterCaInputType {
  @Field(() => String)
  certificatePem!: string;

  @Field(() => String, { description: 'Signed by the CA for the common name that caRegistrationCode gives' })
  verificationPem!: string;

  @Field(() => String)
  templateName!: string;
}

@ArgsType()
export class AttemptsArgs extends PageInput {
  @Field(() => Boolean, { nullable: true })
  accepted?: boolean | null;

  @Field(() => ID, { nullable: true })
  batchId?: string | null;
}

@ObjectType('RefusedConnections', { description: 'Connections of one hour that were not let in for one reason' })
export class RefusedConnectionsType {
  @Field(() => ID)
  id!: string;

  @Field(() => GraphQLISODateTime, { description: 'Start of the hour' })
  hour!: Date;

  @Field(() => String)
  reason!: string;

  @Field(() => Int)
  connections!: number;

  @Field(() => GraphQLISODateTime)
  firstAt!: Date;

  @Field(() => GraphQLISODateTime)
  lastAt!: Date;

  @Field(() => String, { nullable: true, description: 'Of the last one' })
  remoteAddress!: string | null;

  @Field(() => String, { nullable: true, description: 'SHA-256 of the certificate, hex' })
  fingerprint!: string | null;

  @Field(() => String, { nullable: true, description: 'Common name of the certificate, or the client id' })
  subject!: string | null;

  @Field(() => String)
  detail!: string;

  @Field(() => Boolean, { description: 'Parties of the hour above the limit, together' })
  others!: boolean;
}

export const RefusedConnectionsConnection = Paginated(RefusedConnectionsType);
