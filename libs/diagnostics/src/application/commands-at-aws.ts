import { Inject, Injectable } from '@nestjs/common';
import { AWS_IOT, type AwsIot, Devices } from '@throughline/fleet';
import { Clock, DomainError } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { type Answer, readAnswer } from '../domain/answer.js';
import { ExecutionStore } from '../storage/execution.store.js';
import type { StartAwsCommand } from './aws-jobs.js';
import { RecordAnswer } from './record-answer.js';

/** Commands that AWS IoT carries to devices. */
@Injectable()
export class CommandsAtAws {
  constructor(
    private readonly database: Database,
    private readonly executions: ExecutionStore,
    private readonly devices: Devices,
    private readonly record: RecordAnswer,
    private readonly clock: Clock,
    @Inject(AWS_IOT) private readonly aws: AwsIot | undefined,
  ) {}

  /** One that AWS IoT will not take at all fails with its words. Errors: RATE_LIMITED, UNAVAILABLE: to be tried again. */
  async start({ executionId, ...command }: StartAwsCommand): Promise<void> {
    try {
      await this.aws?.commands.start({ id: executionId, ...command });
    } catch (error) {
      if (!(error instanceof DomainError) || error.rule.retryable) throw error;
      const found = await this.find(executionId);
      const failed: Answer = {
        status: 'FAILED',
        reasonCode: 'AWS_IOT',
        reasonDescription: error.message.slice(0, 1_000),
        result: null,
      };
      if (found) await this.answered(found.deviceId, executionId, failed);
    }
  }

  /** How far it is at AWS IoT becomes the execution's. What its own time-out says is ours to say. */
  async read(executionId: string): Promise<void> {
    const found = await this.find(executionId);
    const given = found && (await this.aws?.commands.answer(executionId, found.thingName));
    if (!found || !given || given.status === 'CREATED' || given.statusReason?.reasonCode.startsWith('$')) return;
    const answer = readAnswer(given);
    if ('refused' in answer)
      throw new DomainError(
        'INTERNAL',
        `the answer of ${executionId} at AWS IoT cannot be read: ${answer.refused.message}`,
      );
    await this.answered(found.deviceId, executionId, answer.answer);
  }

  async forget(executionId: string): Promise<void> {
    await this.aws?.commands.delete(executionId);
  }

  /** An answer that comes again, or behind the last one, is refused there and changes nothing. */
  private async answered(deviceId: string, executionId: string, answer: Answer): Promise<void> {
    await this.record.run({ deviceId, executionId, answer, at: this.clock.now() });
  }

  private async find(executionId: string): Promise<{ deviceId: string; thingName: string } | undefined> {
    const [execution] = await this.database.read(everyCustomer, (em) => this.executions.byIds(em, [executionId]));
    const [device] = execution ? await this.devices.many(everyCustomer, [execution.deviceId]) : [];
    return device && { deviceId: device.id, thingName: device.thingName };
  }
}
