import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobContext, type JobHandler } from '@throughline/platform';
import { AttributeAgain } from '../../application/attribute-again.js';
import { attributeAgainLater } from '../../application/attribute-again-later.js';
import { AskForGaps } from '../../application/gaps/ask-for-gaps.js';
import { LookForGaps } from '../../application/gaps/look-for-gaps.js';
import { NoteLost } from '../../application/gaps/note-lost.js';
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
