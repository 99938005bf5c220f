import { ArgsType, Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { GraphQLISODateTime, GraphQLJSONObject, Paginated } from '@throughline/platform';
import type { ShadowChange } from '../../domain/shadow/author.js';
import type { JsonObject } from '../../domain/shadow/json.js';

@ObjectType('ShadowAuthor')
export class ShadowAuthorType {
  @Field(() => String, { description: 'user, api_key, system or device' })
  kind!: ShadowChange['author']['kind'];

  @Field(() => String)
  id!: string;

  @Field(() => String)
  name!: string;
}

@ObjectType('ShadowChange', { description: 'A change of what is desired' })
export class ShadowChangeType {
  @Field(() => ID)
  id!: string;

  @Field(() => Int, { description: 'Of the shadow since then, or of the one that was deleted' })
  version!: number;

  @Field(() => GraphQLJSONObject, { nullable: true, description: 'What is desired since then; null: nothing' })
  desired!: JsonObject | null;

  @Field(() => ShadowAuthorType)
  author!: ShadowAuthorType;

  @Field(() => GraphQLISODateTime)
  at!: Date;
}

/** `history` is resolved; the device's id is not part of the schema. */
@ObjectType('Shadow', { description: 'What is desired of a device and what it reports' })
export class ShadowType {
  @Field(() => String, { description: 'Empty for the classic shadow' })
  name!: string;

  @Field(() => Int)
  version!: number;

  @Field(() => GraphQLJSONObject, { nullable: true })
  desired!: JsonObject | null;

  @Field(() => GraphQLJSONObject, { nullable: true })
  reported!: JsonObject | null;

  @Field(() => GraphQLJSONObject, { nullable: true, description: 'What is desired and not reported so' })
  delta!: JsonObject | null;

  @Field(() => GraphQLJSONObject, {
    description: 'Per leaf of desired and reported, when it was written: epoch seconds',
  })
  metadata!: JsonObject;

  @Field(() => GraphQLISODateTime)
  updatedAt!: Date;

  deviceId!: string;
}

export const ShadowConnection = Paginated(ShadowType);
export const ShadowChangeConnection = Paginated(ShadowChangeType);

@ArgsType()
export class ShadowArgs {
  @Field(() => ID, { nullable: true, description: 'This or thingName' })
  deviceId?: string | null;

  @Field(() => String, { nullable: true })
  thingName?: string | null;

  @Field(() => String, { nullable: true, description: 'Of the shadow; empty for the classic one' })
  name?: string | null;
}

@ArgsType()
export class UpdateShadowArgs extends ShadowArgs {
  @Field(() => GraphQLJSONObject, { description: 'Keys to write, with null those to delete; other keys stay' })
  desired!: JsonObject;

  @Field(() => Int, { nullable: true, description: 'Refuse when the shadow has another version' })
  expectedVersion?: number | null;
}
