import { Injectable } from '@nestjs/common';
import type { Fault } from '@throughline/kernel';
import type { ValidateFunction } from 'ajv';
import type { CommandDefinition } from '../domain/command.js';
import { compileSchema, valueFaults } from '../domain/json-schema.js';

/** Of definitions; those used longest ago go first. */
const MAX_COMPILED = 500;

interface Compiled {
  readonly arguments: ValidateFunction;
  readonly result: ValidateFunction;
}

/** Compiled schemas. A version of a command never changes, so what is compiled holds. */
@Injectable()
export class Validators {
  private readonly compiled = new Map<string, Compiled>();

  /** Every fault of arguments or a result, named below that word. */
  faults(definition: CommandDefinition, what: keyof Compiled, value: unknown): Fault[] {
    return valueFaults(what, this.of(definition)[what], value);
  }

  private of(definition: CommandDefinition): Compiled {
    const known = this.compiled.get(definition.id);
    this.compiled.delete(definition.id);
    const compiled = known ?? {
      arguments: compileSchema(definition.argumentsSchema),
      result: compileSchema(definition.resultSchema),
    };
    this.compiled.set(definition.id, compiled);
    const [oldest] = this.compiled.keys();
    if (this.compiled.size > MAX_COMPILED && oldest !== undefined) this.compiled.delete(oldest);
    return compiled;
  }
}
