import { ArgsType, Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { GraphQLISODateTime, GraphQLJSON, PageInput, Paginated } from '@throughline/platform';

@ObjectType('Tokens')
export class TokensType {
  @Field(() => String)
  accessToken!: string;

  @Field(() => String)
  refreshToken!: string;

  @Field(() => GraphQLISODateTime)
  expiresAt!: Date;
}

@ObjectType('Organisation')
export class OrganisationType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  kind!: string;

  @Field(() => String)
  name!: string;
}

@ObjectType('Viewer')
export class ViewerType {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  email!: string | null;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  role!: string;

  @Field(() => OrganisationType)
  organisation!: OrganisationType;

  @Field(() => [String], { description: 'customer | finance | fleet: which consoles this role has' })
  consoles!: readonly string[];

  @Field(() => [String], { description: 'What one may do, such as "plans:write"' })
  permissions!: readonly string[];

  @Field(() => String)
  language!: string;
}

/** `id` and `name` come with the row; `sites` and what other libs add are resolved. */
@ObjectType('Customer')
export class CustomerType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;
}

/** `customerId` is not part of the schema; `customer` is resolved from it. */
@ObjectType('Site')
export class SiteType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  address!: string;

  @Field(() => String)
  timeZone!: string;

  customerId!: string;
}

@ObjectType('ApiKey')
export class ApiKeyType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  prefix!: string;

  @Field(() => [String])
  scopes!: string[];

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  expiresAt?: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  lastUsedAt?: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  revokedAt?: Date | null;
}

@ObjectType('CreatedApiKey')
export class CreatedApiKeyType {
  @Field(() => ApiKeyType)
  apiKey!: ApiKeyType;

  @Field(() => String, { description: 'Shown once' })
  key!: string;
}

@ObjectType('AuditEntry')
export class AuditEntryType {
  @Field(() => ID)
  id!: string;

  @Field(() => GraphQLISODateTime)
  at!: Date;

  @Field(() => String)
  actorKind!: string;

  @Field(() => String, { nullable: true })
  actorName?: string | null;

  @Field(() => String)
  action!: string;

  @Field(() => String)
  outcome!: string;

  @Field(() => GraphQLJSON)
  detail!: Record<string, unknown>;

  @Field(() => String, { nullable: true })
  requestId?: string | null;
}

export const CustomerConnection = Paginated(CustomerType);
export const SiteConnection = Paginated(SiteType);
export const AuditEntryConnection = Paginated(AuditEntryType);

@InputType()
export class CustomerFilter {
  @Field(() => String, { nullable: true })
  search?: string | null;
}

@ArgsType()
export class CustomersArgs extends PageInput {
  @Field(() => CustomerFilter, { nullable: true })
  filter?: CustomerFilter | null;
}

@ArgsType()
export class SitesArgs extends PageInput {
  @Field(() => ID, { nullable: true })
  customerId?: string | null;
}

@InputType()
export class CreateCustomerInput {
  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  billingEmail?: string | null;
}

@InputType()
export class CreateSiteInput {
  @Field(() => ID)
  customerId!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  address?: string | null;

  @Field(() => String)
  timeZone!: string;
}
