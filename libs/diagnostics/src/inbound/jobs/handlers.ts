import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobContext, type JobHandler } from '@throughline/platform';
import { DeliverCommands } from '../../application/deliver-commands.js';
import { EndOverdue } from '../../application/end-overdue.js';
import { deliverCommands, deliverWaiting, endOverdue } from '../../application/jobs.js';

@Injectable()
@HandlesJob(deliverCommands)
export class DeliverCommandsJob implements JobHandler<typeof deliverCommands> {
  constructor(private readonly deliver: DeliverCommands) {}

  async handle({ deviceIds }: { deviceIds: string[] }): Promise<void> {
    await this.deliver.run(deviceIds);
  }
}

@Injectable()
@HandlesJob(deliverWaiting)
export class DeliverWaitingJob implements JobHandler<typeof deliverWaiting> {
  constructor(private readonly deliver: DeliverCommands) {}

  async handle(_: Record<string, never>, { signal }: JobContext): Promise<void> {
    await this.deliver.runWaiting(signal);
  }
}

@Injectable()
@HandlesJob(endOverdue)
export class EndOverdueJob implements JobHandler<typeof endOverdue> {
  constructor(private readonly end: EndOverdue) {}

  async handle(_: Record<string, never>, { signal }: JobContext): Promise<void> {
    await this.end.run(signal);
  }
}
