import { defineEvent, defineJob } from '@throughline/platform';
import { z } from 'zod';

/** A statement's lines are fixed; its invoice is about to be made. */
export const statementRated = defineEvent(
  'billing.statement-rated',
  z.object({ statementId: z.uuid(), customerId: z.uuid() }),
);

/** What Stripe says of the invoice changed the statement's state. */
export const statementMoved = defineEvent(
  'billing.statement-moved',
  z.object({ statementId: z.uuid(), customerId: z.uuid(), state: z.string() }),
);

export const postStatementJob = defineJob({
  name: 'billing.post-statement',
  queue: 'billing',
  payload: statementRated.payload,
  attempts: 10,
  backoffMs: 2_000,
  timeoutMs: 120_000,
  on: [statementRated],
});

export const processStripeEventJob = defineJob({
  name: 'billing.process-stripe-event',
  queue: 'billing',
  payload: z.object({ eventId: z.string() }),
  attempts: 10,
  backoffMs: 1_000,
  timeoutMs: 60_000,
});

export const closeDuePeriodsJob = defineJob({
  name: 'billing.close-due-periods',
  queue: 'billing',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 30 * 60_000,
  cron: '7 * * * *',
});

export const fillEventGapsJob = defineJob({
  name: 'billing.fill-event-gaps',
  queue: 'billing',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 120_000,
  every: 300_000,
});

/** Postings that gave up, were cut short, or whose event was lost with a queue: taken up again. */
export const resumePostingsJob = defineJob({
  name: 'billing.resume-postings',
  queue: 'billing',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 60_000,
  every: 600_000,
});

/** Daily, since data of a contract's last weeks may still come. */
export const settleEndedContractsJob = defineJob({
  name: 'billing.settle-ended-contracts',
  queue: 'billing',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 30 * 60_000,
  cron: '23 4 * * *',
});
