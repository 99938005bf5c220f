import { Injectable } from '@nestjs/common';
import { type Device, Devices } from '@throughline/fleet';
import type { DataScope, EntityManager } from '@throughline/platform';
import { DefinitionStore } from '../storage/definition.store.js';
import type { Order } from './sending.js';
import { Validators } from './validators.js';

/** Devices, and machines by their devices, that one request is for at most. */
export const MAX_TARGETS = 500;

/** Who is not sent anything, and why. */
export interface LeftOut {
  /** Id of the asset or device as it was given. */
  readonly id: string;
  readonly reason: string;
}

export interface OrdersInput {
  readonly command: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly requestKey: string;
  readonly requestedBy: string;
  /** The command's own when not given. */
  readonly timeoutSeconds?: number | null | undefined;
  readonly expirySeconds?: number | null | undefined;
}

/** One command for many devices: whom it can be sent to, and why not to the others. */
@Injectable()
export class Orders {
  constructor(
    private readonly devices: Devices,
    private readonly definitions: DefinitionStore,
    private readonly validators: Validators,
  ) {}

  /** The devices that exist and are not retired, each once, by thing name. */
  async devicesOf(scope: DataScope, ids: readonly string[]): Promise<{ devices: Device[]; leftOut: LeftOut[] }> {
    const wanted = [...new Set(ids)];
    const found = await this.devices.many(scope, wanted);
    const seen = new Set(found.map(({ id }) => id));
    return {
      devices: found.filter(({ state }) => state !== 'retired').sort((a, b) => (a.thingName < b.thingName ? -1 : 1)),
      leftOut: [
        ...found.filter(({ state }) => state === 'retired').map(({ id }) => ({ id, reason: 'the device is retired' })),
        ...wanted
          .filter((id) => !seen.has(id))
          .map((id) => ({ id, reason: 'the device does not exist or is not yours to see' })),
      ],
    };
  }

  /** An order for each device whose model has the command, in its newest version, and takes the arguments. */
  async of(
    em: EntityManager,
    devices: readonly Device[],
    { command, requestedBy, timeoutSeconds, expirySeconds, ...input }: OrdersInput,
  ): Promise<{ orders: Order[]; leftOut: LeftOut[] }> {
    const orders: Order[] = [];
    const leftOut: LeftOut[] = [];
    const models = new Map<string, Awaited<ReturnType<Orders['ofModel']>>>();
    for (const device of devices) {
      const known = models.get(device.modelId) ?? (await this.ofModel(em, device.modelId, command, input.arguments));
      models.set(device.modelId, known);
      if (typeof known === 'string') leftOut.push({ id: device.id, reason: known });
      else
        orders.push({
          ...input,
          device,
          definition: known,
          requestedBy: requestedBy.slice(0, 200),
          timeoutSeconds: timeoutSeconds ?? known.timeoutSeconds,
          expirySeconds: expirySeconds ?? known.expirySeconds,
        });
    }
    return { orders, leftOut };
  }

  /** The command of a model, or why it cannot be sent to its devices. */
  private async ofModel(em: EntityManager, modelId: string, command: string, args: OrdersInput['arguments']) {
    const definition = await this.definitions.find(em, modelId, command);
    if (!definition) return `its model has no command "${command}"`;
    const [misfit] = this.validators.faults(definition, 'arguments', args);
    return misfit ? `its model does not take these arguments: ${misfit.field} ${misfit.rule}` : definition;
  }
}
