import { Injectable } from '@nestjs/common';
import { Database, everyCustomer, Logger } from '@throughline/platform';
import type { Answer, Refusal } from '../domain/answer.js';
import { type Answered, answered } from '../domain/execution.js';
import { DefinitionStore } from '../storage/definition.store.js';
import { ExecutionStore } from '../storage/execution.store.js';
import { ExecutionChanges } from './execution-changes.js';
import { Validators } from './validators.js';

export interface DeviceAnswer {
  readonly deviceId: string;
  readonly executionId: string;
  readonly answer: Answer;
  readonly at: Date;
}

const unknown: Refusal = { code: 'ResourceNotFound', message: 'this thing has no such execution' };

@Injectable()
export class RecordAnswer {
  constructor(
    private readonly database: Database,
    private readonly executions: ExecutionStore,
    private readonly definitions: DefinitionStore,
    private readonly changes: ExecutionChanges,
    private readonly validators: Validators,
    private readonly logger: Logger,
  ) {}

  /**
   * Stores what a device says of an execution; committed when it resolves. Gives the reason when it is refused. A result that
   * does not fit its schema is stored as it is, with where it does not.
   */
  async run({ deviceId, executionId, answer, at }: DeviceAnswer): Promise<Refusal | undefined> {
    const outcome = await this.database.transaction<Answered>(everyCustomer, async (em) => {
      const execution = await this.executions.lock(em, executionId);
      if (!execution || execution.deviceId !== deviceId) return { refused: unknown };
      const [definition] = await this.definitions.byIds(em, [execution.definitionId]);
      const check = (result: unknown) => (definition ? this.validators.faults(definition, 'result', result) : []);
      const next = answered(execution, answer, check, at);
      if ('changed' in next) await this.changes.save(em, next.changed);
      return next;
    });
    if ('refused' in outcome) return outcome.refused;
    if ('changed' in outcome) {
      const { resultFaults, command } = outcome.changed;
      if (resultFaults) this.logger.warn({ executionId, command, resultFaults }, 'a result does not fit its schema');
      this.changes.announce([executionId]);
    }
    return undefined;
  }
}
