import { ArgsType, Field, Float, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { AvailabilityType } from '@throughline/availability/graphql';
import {
  GraphQLDecimal,
  GraphQLISODateTime,
  MoneyType,
  PageInput,
  Paginated,
  QuantityType,
} from '@throughline/platform';
import type { EvidencedLine, EvidenceSummary } from '../../application/line-evidence.js';

/** `contract`, `customer` and `lines` are resolved. */
@ObjectType('Statement', { description: 'What a contract owes for a month' })
export class StatementType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  number!: string;

  @Field(() => GraphQLISODateTime)
  periodFrom!: Date;

  @Field(() => GraphQLISODateTime)
  periodTo!: Date;

  @Field(() => GraphQLISODateTime, { description: 'What was stored before this instant took part' })
  storedBefore!: Date;

  @Field(() => String, { description: 'rated | drafted | finalised | paid | payment_failed | void | totals_differ' })
  state!: string;

  @Field(() => MoneyType)
  total!: MoneyType;

  @Field(() => GraphQLDecimal, { nullable: true, description: 'Share of the messages that is stored, 0 to 1' })
  completeness!: string | null;

  @Field(() => String, { nullable: true })
  stripeInvoiceId!: string | null;

  @Field(() => String, { nullable: true })
  stripeInvoiceNumber!: string | null;

  @Field(() => String, { nullable: true })
  hostedInvoiceUrl!: string | null;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  finalisedAt!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  paidAt!: Date | null;

  contractId!: string;
  customerId!: string;
}

export const StatementConnection = Paginated(StatementType);

@InputType('StatementFilter')
export class StatementFilterInput {
  @Field(() => ID, { nullable: true })
  customerId?: string | null;

  @Field(() => ID, { nullable: true })
  contractId?: string | null;

  @Field(() => String, { nullable: true })
  state?: string | null;
}

@ArgsType()
export class StatementsArgs extends PageInput {
  @Field(() => StatementFilterInput, { nullable: true })
  filter?: StatementFilterInput | null;
}

@ObjectType('ExplanationStep', { description: "One term of a line's arithmetic" })
export class ExplanationStepType {
  @Field(() => String)
  text!: string;

  @Field(() => GraphQLDecimal, { nullable: true })
  quantity!: string | null;

  @Field(() => String, { nullable: true })
  unit!: string | null;

  @Field(() => GraphQLDecimal, { nullable: true })
  unitPrice!: string | null;

  @Field(() => GraphQLDecimal, { nullable: true })
  amount!: string | null;
}

/** `asset` and `evidence` are resolved. */
@ObjectType('StatementLine')
export class StatementLineType {
  @Field(() => ID)
  id!: string;

  @Field(() => Int)
  position!: number;

  @Field(() => String, { description: 'recurring | usage | credit | correction' })
  kind!: string;

  @Field(() => String, { description: 'Key of the charge or guarantee in the terms' })
  chargeKey!: string;

  @Field(() => String)
  description!: string;

  @Field(() => String, { nullable: true })
  meter!: string | null;

  @Field(() => QuantityType, { nullable: true })
  quantity!: QuantityType | null;

  @Field(() => String, { nullable: true, description: 'measured | estimated | edited' })
  quality!: string | null;

  @Field(() => GraphQLDecimal, { nullable: true })
  unitPrice!: string | null;

  @Field(() => MoneyType)
  amount!: MoneyType;

  @Field(() => GraphQLISODateTime, { description: 'A correction names the month it corrects' })
  periodFrom!: Date;

  @Field(() => GraphQLISODateTime)
  periodTo!: Date;

  @Field(() => [ExplanationStepType])
  explanation!: ExplanationStepType[];

  assetId!: string | null;
  statementId!: string;
}

/** All fields are resolved: who asks for a page of windows pays for nothing else. */
@ObjectType('LineEvidence', {
  description: 'What a line rests on, as it was known when the statement was rated; each level is paged',
})
export class LineEvidenceType {
  of!: EvidencedLine;
  /** Read once, when a figure is asked for. */
  summary!: () => Promise<EvidenceSummary>;
}

/** `asset` is resolved. */
@ObjectType('AssetEvidence')
export class AssetEvidenceType {
  @Field(() => QuantityType, { nullable: true })
  quantity!: QuantityType | null;

  @Field(() => Int)
  windowCount!: number;

  assetId!: string;
}

/** `thingName` is resolved. */
@ObjectType('MessageReading', { description: 'Identity of a message, and the value of the counter in it' })
export class MessageReadingType {
  @Field(() => Int)
  boot!: number;

  @Field(() => Int)
  seq!: number;

  @Field(() => GraphQLISODateTime)
  at!: Date;

  @Field(() => GraphQLDecimal)
  value!: string;

  deviceId!: string;
}

/** `asset` is resolved. */
@ObjectType('EvidenceWindow')
export class EvidenceWindowType {
  @Field(() => GraphQLISODateTime)
  hour!: Date;

  @Field(() => QuantityType)
  quantity!: QuantityType;

  @Field(() => String)
  quality!: string;

  @Field(() => Int)
  version!: number;

  @Field(() => Int)
  messages!: number;

  @Field(() => MessageReadingType, { nullable: true, description: 'Of a counter: where the quantity is measured from' })
  fromReading!: MessageReadingType | null;

  @Field(() => MessageReadingType, { nullable: true })
  toReading!: MessageReadingType | null;

  assetId!: string;
}

export const EvidenceWindowConnection = Paginated(EvidenceWindowType);

@ArgsType()
export class AssetPageArgs extends PageInput {
  @Field(() => ID, { nullable: true })
  assetId?: string | null;
}

@ArgsType()
export class MessagePageArgs extends PageInput {
  @Field(() => ID)
  assetId!: string;

  @Field(() => GraphQLISODateTime)
  from!: Date;

  @Field(() => GraphQLISODateTime)
  to!: Date;
}

@ObjectType('PreviewLine')
export class PreviewLineType {
  @Field(() => String)
  kind!: string;

  @Field(() => String)
  description!: string;

  @Field(() => QuantityType, { nullable: true })
  quantity!: QuantityType | null;

  @Field(() => GraphQLDecimal, { nullable: true })
  unitPrice!: string | null;

  @Field(() => MoneyType)
  amount!: MoneyType;

  @Field(() => [ExplanationStepType])
  explanation!: ExplanationStepType[];
}

@ObjectType('StatementPreview', { description: 'A month rated without booking anything' })
export class StatementPreviewType {
  @Field(() => GraphQLISODateTime)
  periodFrom!: Date;

  @Field(() => GraphQLISODateTime)
  periodTo!: Date;

  @Field(() => GraphQLISODateTime, { description: 'Figures reach to here' })
  completeTo!: Date;

  @Field(() => [PreviewLineType])
  lines!: PreviewLineType[];

  @Field(() => MoneyType)
  total!: MoneyType;
}

@ObjectType('GuaranteeFigure')
export class GuaranteeFigureType {
  @Field(() => GraphQLDecimal, { description: 'Percent' })
  target!: string;

  @Field(() => AvailabilityType, { description: "Under the contract's definition, of what has passed of the month" })
  availability!: AvailabilityType;

  @Field(() => Boolean, { nullable: true, description: 'Null while nothing was measured' })
  met!: boolean | null;

  @Field(() => GraphQLDecimal, { nullable: true, description: 'Next band below where we stand' })
  nextBandBelow!: string | null;

  @Field(() => Float, { nullable: true, description: 'Downtime left before that band, ms' })
  leftMs!: number | null;

  @Field(() => GraphQLDecimal)
  creditPercent!: string;

  @Field(() => String)
  month!: string;
}

@ObjectType('ClosePeriodResult')
export class ClosePeriodResultType {
  @Field(() => StatementType)
  statement!: StatementType;

  @Field(() => Boolean, { description: 'False when everything was booked already' })
  changed!: boolean;
}
