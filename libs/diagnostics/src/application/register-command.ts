import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Models } from '@throughline/fleet';
import { Clock, DomainError, newId } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { type CommandDefinition, type CommandInput, checkedCommand } from '../domain/command.js';
import { DefinitionStore } from '../storage/definition.store.js';

const MAX_COMMANDS = 100;
const MAX_VERSIONS = 1_000;

@Injectable()
export class RegisterCommand {
  constructor(
    private readonly database: Database,
    private readonly definitions: DefinitionStore,
    private readonly models: Models,
    private readonly clock: Clock,
  ) {}

  /**
   * Adds a command to a model's catalogue, or its next version when the name is there with other content; the same again
   * returns what is there. Errors: INVALID_INPUT with every fault; NOT_FOUND for the model; CONFLICT when the catalogue is full.
   */
  async run(modelId: string, input: CommandInput): Promise<CommandDefinition> {
    const command = checkedCommand(input);
    const { name } = command;
    await this.models.get(modelId);
    return this.database.transaction(everyCustomer, async (em) => {
      await this.definitions.lock(em, modelId, name);
      const newest = await this.definitions.find(em, modelId, name);
      if (newest && isDeepStrictEqual(contentOf(newest), contentOf(command))) return newest;
      const full = newest
        ? newest.version >= MAX_VERSIONS
        : (await this.definitions.count(em, modelId)) >= MAX_COMMANDS;
      if (full)
        throw new DomainError(
          'CONFLICT',
          `a catalogue has at most ${MAX_COMMANDS} commands of at most ${MAX_VERSIONS} versions each`,
        );
      const now = this.clock.now();
      const made = {
        id: newId(now.getTime()),
        modelId,
        version: (newest?.version ?? 0) + 1,
        createdAt: now,
        ...command,
      };
      await this.definitions.insert(em, made);
      return made;
    });
  }
}

/** As JSON has it, in which the database keeps it. */
const contentOf = ({
  name,
  title,
  argumentsSchema,
  resultSchema,
  timeoutSeconds,
  expirySeconds,
  payload,
}: CommandInput) =>
  JSON.parse(
    JSON.stringify({ name, title, argumentsSchema, resultSchema, timeoutSeconds, expirySeconds, payload }),
  ) as unknown;
