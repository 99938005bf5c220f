import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobContext, type JobHandler } from '@throughline/platform';
import { ApplyStripeEvent } from '../../application/apply-stripe-event.js';
import { CloseDuePeriods } from '../../application/close-due-periods.js';
import {
  closeDuePeriodsJob,
  fillEventGapsJob,
  postStatementJob,
  processStripeEventJob,
  resumePostingsJob,
  settleEndedContractsJob,
} from '../../application/events.js';
import { PostStatement } from '../../application/post-statement.js';
import { ReceiveStripeEvent } from '../../application/receive-stripe-event.js';
import { ResumePostings } from '../../application/resume-postings.js';
import { SettleEndedContracts } from '../../application/settle-ended-contracts.js';

@Injectable()
@HandlesJob(postStatementJob)
export class PostStatementHandler implements JobHandler<typeof postStatementJob> {
  constructor(private readonly post: PostStatement) {}

  handle({ statementId }: { statementId: string }): Promise<void> {
    return this.post.run(statementId);
  }
}

@Injectable()
@HandlesJob(processStripeEventJob)
export class ProcessStripeEventHandler implements JobHandler<typeof processStripeEventJob> {
  constructor(private readonly apply: ApplyStripeEvent) {}

  handle({ eventId }: { eventId: string }): Promise<void> {
    return this.apply.run(eventId);
  }
}

@Injectable()
@HandlesJob(closeDuePeriodsJob)
export class CloseDuePeriodsHandler implements JobHandler<typeof closeDuePeriodsJob> {
  constructor(private readonly close: CloseDuePeriods) {}

  handle(_payload: object, { signal }: JobContext): Promise<void> {
    return this.close.run(signal);
  }
}

@Injectable()
@HandlesJob(fillEventGapsJob)
export class FillEventGapsHandler implements JobHandler<typeof fillEventGapsJob> {
  constructor(private readonly receive: ReceiveStripeEvent) {}

  async handle(): Promise<void> {
    await this.receive.fillGaps();
  }
}

@Injectable()
@HandlesJob(resumePostingsJob)
export class ResumePostingsHandler implements JobHandler<typeof resumePostingsJob> {
  constructor(private readonly resume: ResumePostings) {}

  async handle(): Promise<void> {
    await this.resume.run();
  }
}

@Injectable()
@HandlesJob(settleEndedContractsJob)
export class SettleEndedContractsHandler implements JobHandler<typeof settleEndedContractsJob> {
  constructor(private readonly settle: SettleEndedContracts) {}

  handle(_payload: object, { signal }: JobContext): Promise<void> {
    return this.settle.run(signal);
  }
}
