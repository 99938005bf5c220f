import { Module } from '@nestjs/common';
import {
  closeDuePeriodsJob,
  fillEventGapsJob,
  postStatementJob,
  processStripeEventJob,
  resumePostingsJob,
  settleEndedContractsJob,
} from '../../application/events.js';
import { BillingModule } from '../../billing.module.js';
import * as handlers from './handlers.js';

export const billingJobs = [
  postStatementJob,
  processStripeEventJob,
  closeDuePeriodsJob,
  fillEventGapsJob,
  resumePostingsJob,
  settleEndedContractsJob,
];

@Module({ imports: [BillingModule], providers: Object.values(handlers) })
export class BillingJobsModule {}
