import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Devices } from '@throughline/fleet';
import { DomainError, type Fault, invalid, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { MAX_EXPIRY_SECONDS, MAX_TIMEOUT_SECONDS, secondsFaults } from '../domain/command.js';
import type { Execution } from '../domain/execution.js';
import { isRecord, unstorable } from '../domain/storable.js';
import { DefinitionStore } from '../storage/definition.store.js';
import { ExecutionStore } from '../storage/execution.store.js';
import { ExecutionChanges } from './execution-changes.js';
import { Sending } from './sending.js';
import { Validators } from './validators.js';

export interface SendCommandInput {
  readonly deviceId: string;
  /** Name in the catalogue of the device's model. */
  readonly command: string;
  /** The newest when not given. */
  readonly version?: number | null;
  readonly arguments: unknown;
  /** The caller's name of this request: the same again gives the same execution. */
  readonly key: string;
  /** The command's own when not given. */
  readonly timeoutSeconds?: number | null;
  readonly expirySeconds?: number | null;
  readonly requestedBy: string;
}

export const MAX_ARGUMENT_BYTES = 8 * 1024;
const KEY = /^[\x21-\x7e]{1,100}$/;

/** Keys are the caller's; those of runs have a prefix that no caller's can have. */
export const keyFaults = (key: unknown): Fault[] =>
  typeof key === 'string' && KEY.test(key) && !key.startsWith('run:')
    ? []
    : [
        {
          field: 'key',
          value: key,
          rule: 'must be 1 to 100 visible characters without blanks, not beginning with "run:"',
        },
      ];

@Injectable()
export class SendCommand {
  constructor(
    private readonly database: Database,
    private readonly devices: Devices,
    private readonly definitions: DefinitionStore,
    private readonly executions: ExecutionStore,
    private readonly sending: Sending,
    private readonly validators: Validators,
    private readonly changes: ExecutionChanges,
  ) {}

  /**
   * Sends a command to a device, at once when it is connected, else when it connects within the expiry.
   * Errors: INVALID_INPUT with every fault, those of the arguments under the command's schema included; NOT_FOUND for device
   * and command; STATE_CONFLICT for a retired device; CONFLICT when the key stands for another command.
   */
  async run(scope: DataScope, input: SendCommandInput): Promise<Execution> {
    const faults = requestFaults(input);
    if (faults.length > 0 || !isRecord(input.arguments)) throw invalid(...faults);
    const args = input.arguments;
    const device = await this.devices.get(scope, input.deviceId);
    const execution = await this.database.transaction(scope, async (em) => {
      const { command } = input;
      const definition = await this.definitions.find(em, device.modelId, command, input.version ?? undefined);
      if (!definition) throw notFound('command', input.version ? `${command} version ${input.version}` : command);
      const misfits = this.validators.faults(definition, 'arguments', args);
      if (misfits.length > 0) throw invalid(...misfits);
      const known = await this.byKey(em, device.id, input.key);
      if (known) return same(known, definition.name, args);
      if (device.state === 'retired')
        throw new DomainError('STATE_CONFLICT', `device "${device.thingName}" is retired: nothing reaches it`);
      const order = {
        device,
        definition,
        arguments: args,
        requestKey: input.key,
        requestedBy: input.requestedBy.slice(0, 200),
        timeoutSeconds: input.timeoutSeconds ?? definition.timeoutSeconds,
        expirySeconds: input.expirySeconds ?? definition.expirySeconds,
      };
      await this.sending.queue(em, scope, [order]);
      const made = await this.byKey(em, device.id, input.key);
      if (!made) throw new DomainError('INTERNAL', `execution of ${device.id} with key ${input.key} is gone`);
      return same(made, definition.name, args);
    });
    this.changes.announce([execution.id]);
    return execution;
  }

  private async byKey(em: Parameters<ExecutionStore['byKeys']>[0], deviceId: string, key: string) {
    return (await this.executions.byKeys(em, [deviceId], key))[0];
  }
}

/** What is wrong with a request, whatever the device. */
export function requestFaults(input: Omit<SendCommandInput, 'deviceId' | 'version'>): Fault[] {
  const faults = [...keyFaults(input.key), ...argumentFaults(input.arguments)];
  if (input.timeoutSeconds != null)
    faults.push(...secondsFaults('timeoutSeconds', input.timeoutSeconds, MAX_TIMEOUT_SECONDS));
  if (input.expirySeconds != null)
    faults.push(...secondsFaults('expirySeconds', input.expirySeconds, MAX_EXPIRY_SECONDS));
  return faults;
}

/** The execution, if it is of this command with these arguments. Errors: CONFLICT. */
export function same(execution: Execution, command: string, args: Readonly<Record<string, unknown>>): Execution {
  if (execution.command === command && isDeepStrictEqual(execution.arguments, JSON.parse(JSON.stringify(args))))
    return execution;
  throw new DomainError(
    'CONFLICT',
    `key "${execution.requestKey}" stands for another command to this device already (${execution.command})`,
  );
}

function argumentFaults(args: unknown): Fault[] {
  if (!isRecord(args)) return [{ field: 'arguments', value: args, rule: 'must be a JSON object' }];
  const bad = unstorable(args);
  if (bad !== undefined) return [{ field: 'arguments', value: '…', rule: `must not hold ${bad}` }];
  const bytes = Buffer.byteLength(JSON.stringify(args));
  return bytes <= MAX_ARGUMENT_BYTES
    ? []
    : [{ field: 'arguments', value: bytes, rule: `must have at most ${MAX_ARGUMENT_BYTES} bytes` }];
}
