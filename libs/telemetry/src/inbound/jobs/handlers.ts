import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobContext, type JobHandler } from '@throughline/platform';
import { AttributeAgain } from '../../application/attribute-again.js';
import { attributeAgainLater } from '../../application/attribute-again-later.js';
import { AskForGaps } from '../../application/gaps/ask-for-gaps.js';
import { LookForGaps } from '../../application/gaps/look-for-gaps.js';
import { NoteLost } from '../../application/gaps/note-lost.js';
import { runQuarantineTask } from '../../application/quarantine/order-task.js';
import { RunQuarantineTask } from '../../application/quarantine/run-task.js';
import type { ToldLost } from '../../domain/told-lost.js';
import { attributeAfterEnd, attributeAfterInstallation, noteLost, watchGaps } from './jobs.js';

@Injectable()
@HandlesJob(attributeAfterInstallation)
export class AttributeAfterInstallationJob implements JobHandler<typeof attributeAfterInstallation> {
  constructor(private readonly attribute: AttributeAgain) {}

  async handle({ deviceId, from }: { deviceId: string; from: number }): Promise<void> {
    await this.attribute.afterChange(deviceId, from);
  }
}

@Injectable()
@HandlesJob(attributeAfterEnd)
export class AttributeAfterEndJob implements JobHandler<typeof attributeAfterEnd> {
  constructor(private readonly attribute: AttributeAgain) {}

  async handle({ deviceId, to }: { deviceId: string; to: number }): Promise<void> {
    await this.attribute.afterChange(deviceId, to);
  }
}

@Injectable()
@HandlesJob(attributeAgainLater)
export class AttributeAgainLaterJob implements JobHandler<typeof attributeAgainLater> {
  constructor(private readonly attribute: AttributeAgain) {}

  async handle({ deviceId, from }: { deviceId: string; from: number }): Promise<void> {
    await this.attribute.run(deviceId, from);
  }
}

@Injectable()
@HandlesJob(runQuarantineTask)
export class RunQuarantineTaskJob implements JobHandler<typeof runQuarantineTask> {
  constructor(private readonly task: RunQuarantineTask) {}

  async handle({ taskId }: { taskId: string }, { signal, attempt }: JobContext): Promise<void> {
    try {
      await this.task.run(taskId, signal);
    } catch (error) {
      if (attempt >= runQuarantineTask.attempts) await this.task.failed(taskId, error);
      throw error;
    }
  }
}

@Injectable()
@HandlesJob(watchGaps)
export class WatchGapsJob implements JobHandler<typeof watchGaps> {
  constructor(
    private readonly look: LookForGaps,
    private readonly asking: AskForGaps,
  ) {}

  async handle(_: Record<string, never>, { signal }: JobContext): Promise<void> {
    await this.look.run(signal);
    await this.asking.run(signal);
  }
}

@Injectable()
@HandlesJob(noteLost)
export class NoteLostJob implements JobHandler<typeof noteLost> {
  constructor(private readonly note: NoteLost) {}

  async handle(told: ToldLost & { deviceId: string }): Promise<void> {
    await this.note.run(told);
  }
}
