import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobHandler } from '@throughline/platform';
import { AttributeAgain } from '../../application/attribute-again.js';
import { attributeAgainLater } from '../../application/attribute-again-later.js';
import { attributeAfterEnd, attributeAfterInstallation } from './jobs.js';

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
