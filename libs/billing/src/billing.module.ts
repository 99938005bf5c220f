import { Module } from '@nestjs/common';
import { AvailabilityModule } from '@throughline/availability';
import { ContractsModule } from '@throughline/contracts';
import { FleetModule } from '@throughline/fleet';
import { IdentityModule } from '@throughline/identity';
import { MeteringModule } from '@throughline/metering';
import { CONFIG, type Config } from '@throughline/platform';
import { TelemetryModule } from '@throughline/telemetry';
import { ApplyStripeEvent } from './application/apply-stripe-event.js';
import { CloseDuePeriods } from './application/close-due-periods.js';
import { ClosePeriod } from './application/close-period.js';
import { Completeness } from './application/completeness.js';
import { FollowInvoice } from './application/follow-invoice.js';
import { GuaranteeFigures } from './application/guarantee-figures.js';
import { KnownData } from './application/known-data.js';
import { LateChanges } from './application/late-changes.js';
import { LineEvidence } from './application/line-evidence.js';
import { PostStatement } from './application/post-statement.js';
import { PreviewTerms } from './application/preview-terms.js';
import { RatingInputs } from './application/rating-inputs.js';
import { ReceiveStripeEvent } from './application/receive-stripe-event.js';
import { ResumePostings } from './application/resume-postings.js';
import { SettleContract } from './application/settle-contract.js';
import { SettleEndedContracts } from './application/settle-ended-contracts.js';
import { Statements } from './application/statements.js';
import { PAYMENT_PROVIDER } from './outbound/payment-provider.js';
import { StripeClient } from './outbound/stripe.client.js';
import { BillingAccountStore } from './storage/billing-account.store.js';
import { StatementStore } from './storage/statement.store.js';
import { StripeEventStore } from './storage/stripe-event.store.js';

const useCases = [
  ApplyStripeEvent,
  CloseDuePeriods,
  ClosePeriod,
  GuaranteeFigures,
  LineEvidence,
  PostStatement,
  PreviewTerms,
  ReceiveStripeEvent,
  ResumePostings,
  SettleContract,
  SettleEndedContracts,
  Statements,
];

@Module({
  imports: [IdentityModule, FleetModule, TelemetryModule, AvailabilityModule, MeteringModule, ContractsModule],
  providers: [
    ...useCases,
    Completeness,
    FollowInvoice,
    KnownData,
    LateChanges,
    RatingInputs,
    StatementStore,
    StripeEventStore,
    BillingAccountStore,
    { provide: PAYMENT_PROVIDER, inject: [CONFIG], useFactory: (config: Config) => new StripeClient(config.stripe) },
  ],
  exports: [...useCases, StatementStore],
})
export class BillingModule {}
