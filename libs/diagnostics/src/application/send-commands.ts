import { Injectable } from '@nestjs/common';
import { invalid, isId } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import type { Execution } from '../domain/execution.js';
import { isRecord } from '../domain/storable.js';
import { ExecutionStore } from '../storage/execution.store.js';
import { ExecutionChanges } from './execution-changes.js';
import { type LeftOut, MAX_TARGETS, Orders } from './orders.js';
import { requestFaults, type SendCommandInput, same } from './send-command.js';
import { Sending } from './sending.js';

export interface SendCommandsInput extends Omit<SendCommandInput, 'deviceId' | 'version'> {
  readonly deviceIds: readonly string[];
}

export interface SentCommands {
  readonly executions: readonly Execution[];
  readonly leftOut: readonly LeftOut[];
}

/** One command to many devices, each by the newest version in its model's catalogue. */
@Injectable()
export class SendCommands {
  constructor(
    private readonly database: Database,
    private readonly executions: ExecutionStore,
    private readonly orders: Orders,
    private readonly sending: Sending,
    private readonly changes: ExecutionChanges,
  ) {}

  /**
   * Sends to each device what `SendCommand` would, all or nothing in one transaction; those it cannot be sent to are left out with the
   * reason. Errors: INVALID_INPUT with every fault; CONFLICT when the key stands for another command to one of them.
   */
  async run(scope: DataScope, { deviceIds, ...input }: SendCommandsInput): Promise<SentCommands> {
    const faults = requestFaults(input);
    if (deviceIds.length === 0 || deviceIds.length > MAX_TARGETS)
      faults.push({ field: 'target', value: deviceIds.length, rule: `must be 1 to ${MAX_TARGETS} devices` });
    for (const value of deviceIds.slice(0, MAX_TARGETS))
      if (!isId(value)) faults.push({ field: 'deviceIds', value, rule: 'must be ids' });
    if (faults.length > 0 || !isRecord(input.arguments)) throw invalid(...faults.slice(0, 20));
    const args = input.arguments;
    const { made, ...sent } = await this.database.transaction(scope, async (em) => {
      const { devices, leftOut } = await this.orders.devicesOf(scope, deviceIds);
      const { key: requestKey, command, requestedBy, timeoutSeconds, expirySeconds } = input;
      const of = { command, arguments: args, requestKey, requestedBy, timeoutSeconds, expirySeconds };
      const { orders, leftOut: without } = await this.orders.of(em, devices, of);
      const made = await this.sending.queue(em, scope, orders);
      const ids = orders.map(({ device }) => device.id);
      const executions = (await this.executions.byKeys(em, ids, requestKey)).map((one) => same(one, command, args));
      return { made: [...made.values()], executions, leftOut: [...leftOut, ...without] };
    });
    this.changes.announce(made);
    return sent;
  }
}
