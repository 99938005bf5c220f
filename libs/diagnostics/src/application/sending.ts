import { Injectable } from '@nestjs/common';
import { type Device, Installations } from '@throughline/fleet';
import { Clock, newId } from '@throughline/kernel';
import { type DataScope, type EntityManager, Outbox } from '@throughline/platform';
import type { CommandDefinition } from '../domain/command.js';
import type { Execution } from '../domain/execution.js';
import { ExecutionStore } from '../storage/execution.store.js';
import { DeliverCommands } from './deliver-commands.js';
import { deliverCommands, MAX_DEVICES_A_JOB } from './jobs.js';

export interface Order {
  readonly device: Device;
  readonly definition: CommandDefinition;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly requestKey: string;
  readonly requestedBy: string;
  readonly timeoutSeconds: number;
  readonly expirySeconds: number;
}

/** Writes commands for devices and sends what can be sent at once; the rest waits for its device. */
@Injectable()
export class Sending {
  constructor(
    private readonly executions: ExecutionStore,
    private readonly installations: Installations,
    private readonly deliver: DeliverCommands,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Gives the ids of the new executions by device; a device whose key is taken has none. */
  async queue(em: EntityManager, scope: DataScope, orders: readonly Order[]): Promise<Map<string, string>> {
    const now = this.clock.now();
    const running = new Map(
      (
        await this.installations.runningOfDevices(
          scope,
          orders.map(({ device }) => device.id),
        )
      ).map((installation) => [installation.deviceId, installation]),
    );
    const made = new Map<string, string>();
    for (const order of orders) {
      const installation = running.get(order.device.id);
      const execution = newExecution(order, installation?.assetId ?? null, installation?.customerId ?? null, now);
      if (await this.executions.insert(em, execution)) made.set(order.device.id, execution.id);
    }
    const devices = orders.map(({ device }) => device).filter(({ id }) => made.has(id));
    const unreached = await this.deliver.toReachable(em, scope, devices);
    for (let i = 0; i < unreached.length; i += MAX_DEVICES_A_JOB)
      await this.outbox.enqueue(em, deliverCommands, { deviceIds: unreached.slice(i, i + MAX_DEVICES_A_JOB) });
    return made;
  }
}

function newExecution(order: Order, assetId: string | null, customerId: string | null, now: Date): Execution {
  const { device, definition, requestKey, requestedBy, timeoutSeconds, expirySeconds } = order;
  return {
    id: newId(now.getTime()),
    deviceId: device.id,
    assetId,
    customerId,
    definitionId: definition.id,
    command: definition.name,
    title: definition.title,
    version: definition.version,
    requestKey,
    arguments: order.arguments,
    requestedBy,
    createdAt: now,
    expiresAt: new Date(now.getTime() + expirySeconds * 1000),
    timeoutSeconds,
    state: 'queued',
    sentAt: null,
    deliveries: 0,
    deadlineAt: null,
    startedAt: null,
    endedAt: null,
    updatedAt: now,
    reasonCode: null,
    reasonDescription: null,
    progressPercent: null,
    progressStep: null,
    log: null,
    result: null,
    resultFaults: null,
    late: false,
    lastAnswer: null,
  };
}
