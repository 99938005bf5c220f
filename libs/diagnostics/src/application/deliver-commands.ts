import { Inject, Injectable } from '@nestjs/common';
import { Devices, Installations } from '@throughline/fleet';
import { Clock } from '@throughline/kernel';
import {
  CONFIG,
  type Config,
  Database,
  type DataScope,
  type DeviceMessage,
  Downlink,
  type EntityManager,
  everyCustomer,
  Outbox,
} from '@throughline/platform';
import { payloadOf } from '../domain/command.js';
import { canceled, type Execution, isDeliverable, sent } from '../domain/execution.js';
import { requestTopic } from '../domain/topics.js';
import { DefinitionStore } from '../storage/definition.store.js';
import { ExecutionStore } from '../storage/execution.store.js';
import { type StartAwsCommand, startAwsCommand } from './aws-jobs.js';
import { ExecutionChanges } from './execution-changes.js';
import { Reachability } from './reachability.js';

/** A device as far as sending needs to know it. */
export interface Recipient {
  readonly id: string;
  readonly thingName: string;
}

/** Executions sent in one transaction; more wait for the next occasion. */
const MAX_SENT = 1_000;
/** Devices of one pass over those that wait. */
const MAX_WAITING_DEVICES = 5_000;
const PAGE = 500;
/** A gateway hands over what waits at once when the device begins to listen; only after this time it is held to have failed. */
const GRACE_MS = 5_000;

/** Brings what waits to devices that can be reached, each execution as long as it is worth it. */
@Injectable()
export class DeliverCommands {
  private after: string | undefined;

  constructor(
    private readonly database: Database,
    private readonly executions: ExecutionStore,
    private readonly definitions: DefinitionStore,
    private readonly devices: Devices,
    private readonly installations: Installations,
    private readonly reachability: Reachability,
    private readonly downlink: Downlink,
    private readonly outbox: Outbox,
    @Inject(CONFIG) private readonly config: Pick<Config, 'aws'>,
    private readonly changes: ExecutionChanges,
    private readonly clock: Clock,
  ) {}

  /** What waits for these devices goes to those that are connected. */
  async run(deviceIds: readonly string[]): Promise<void> {
    await this.database.transaction(everyCustomer, async (em) => {
      await this.toReachable(em, everyCustomer, await this.devices.many(everyCustomer, deviceIds));
    });
  }

  /** One pass over the devices for which something waits for long, from where the last one ended. */
  async runWaiting(signal: AbortSignal): Promise<void> {
    const since = new Date(this.clock.now().getTime() - GRACE_MS);
    for (let looked = 0; looked < MAX_WAITING_DEVICES && !signal.aborted; looked += PAGE) {
      const ids = await this.database.read(everyCustomer, (em) =>
        this.executions.devicesWaiting(em, since, PAGE, this.after),
      );
      this.after = ids.length < PAGE ? undefined : ids.at(-1);
      if (ids.length > 0) await this.run(ids);
      if (this.after === undefined) return;
    }
  }

  /** The device begins to listen: what waits for it, and again what it never answered. Committed when it resolves. */
  async toListener(device: Recipient): Promise<DeviceMessage[]> {
    const any = await this.database.read(everyCustomer, (em) => this.executions.anyUnanswered(em, device.id));
    if (!any) return [];
    const due = await this.database.transaction(everyCustomer, (em) => this.take(em, everyCustomer, [device], true));
    return due.map(messageOf);
  }

  /** Sends through the gateway that has the device, after the commit. Gives the ids of the devices that are not connected. */
  async toReachable(em: EntityManager, scope: DataScope, devices: readonly Recipient[]): Promise<string[]> {
    const reachable = await this.reachability.of(
      scope,
      devices.map(({ id }) => id),
    );
    const there = devices.filter(({ id }) => reachable.has(id));
    if (there.length > 0) await this.send(em, await this.take(em, scope, there, false));
    return devices.filter(({ id }) => !reachable.has(id)).map(({ id }) => id);
  }

  /** In AWS mode through AWS IoT, which has the connection. */
  private async send(em: EntityManager, due: readonly StartAwsCommand[]): Promise<void> {
    if (!this.config.aws) return this.downlink.send(em, due.map(messageOf));
    for (const command of due) await this.outbox.enqueue(em, startAwsCommand, command);
  }

  private async take(
    em: EntityManager,
    scope: DataScope,
    devices: readonly Recipient[],
    began: boolean,
  ): Promise<StartAwsCommand[]> {
    const now = this.clock.now();
    const byId = new Map(devices.map((device) => [device.id, device]));
    const all = await this.executions.lockUnanswered(em, [...byId.keys()], MAX_SENT);
    const due = all.filter((execution) => isDeliverable(execution, now, began));
    if (due.length === 0) return [];
    const running = await this.installations.runningOfDevices(scope, [...byId.keys()]);
    const assets = new Map(running.map(({ deviceId, assetId }) => [deviceId, assetId]));
    const definitions = new Map(
      (await this.definitions.byIds(em, [...new Set(due.map((e) => e.definitionId))])).map((d) => [d.id, d]),
    );
    const messages: StartAwsCommand[] = [];
    const changed: string[] = [];
    for (const execution of due) {
      const device = byId.get(execution.deviceId);
      const definition = definitions.get(execution.definitionId);
      if (!device || !definition) continue;
      const next = this.next(execution, assets.get(device.id) ?? null, now);
      if (!next) continue;
      await this.changes.save(em, next);
      changed.push(next.id);
      if (next.state === 'sent')
        messages.push({
          executionId: execution.id,
          thingName: device.thingName,
          payload: payloadOf(definition, execution.arguments),
          timeoutSeconds: execution.timeoutSeconds,
        });
    }
    // A hint that is sent half a second later at the earliest: by then this is committed, or the look finds nothing new.
    this.changes.announce(changed);
    return messages;
  }

  /** A board that speaks for another machine by now must not do there what was meant for the first. */
  private next(execution: Execution, assetId: string | null, now: Date): Execution | undefined {
    if (execution.assetId === assetId) return sent(execution, now);
    return execution.state === 'queued'
      ? canceled(execution, now, 'the device speaks for another machine by now')
      : undefined;
  }
}

const messageOf = ({ executionId, thingName, payload }: StartAwsCommand): DeviceMessage => ({
  topic: requestTopic(thingName, executionId),
  payload,
});
