import { invalid } from '@throughline/kernel';
import type { CommandDefinition } from '../../domain/command.js';
import type { Execution } from '../../domain/execution.js';
import { type DiagnosticRun, procedures } from '../../domain/procedure.js';
import type { CommandDefinitionType, CommandExecutionType, DiagnosticRunType } from './types.js';

export const toDefinition = (definition: CommandDefinition): CommandDefinitionType => definition;

const linesOf = (log: string | null): string[] =>
  log === null || log === '' ? [] : log.replace(/\n$/, '').split('\n');

export const toExecution = ({ log, resultFaults, ...execution }: Execution): CommandExecutionType => ({
  ...execution,
  log: linesOf(log),
  resultFaults: [...(resultFaults ?? [])],
});

export const toRun = ({ execution, ...run }: DiagnosticRun): DiagnosticRunType => {
  const { state, progressPercent, progressStep, log, result, resultFaults, reasonCode, reasonDescription } =
    toExecution(execution);
  return {
    ...run,
    title: procedures[run.procedure].title,
    state,
    progressPercent,
    progressStep,
    log,
    result,
    resultFaults,
    reasonCode,
    reasonDescription,
    execution: toExecution(execution),
  };
};

/** The value of JSON text. Errors: INVALID_INPUT naming the field. */
export function parsedJson(field: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalid({ field, value: text, rule: `must be JSON: ${error.message}` });
  }
}
