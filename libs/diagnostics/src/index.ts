export { CancelCommand } from './application/cancel-command.js';
export { Commands } from './application/commands.js';
export { DeliverCommands } from './application/deliver-commands.js';
export { DiagnosticRuns } from './application/diagnostic-runs.js';
export { EndOverdue } from './application/end-overdue.js';
export { commandEnded } from './application/events.js';
export { Executions } from './application/executions.js';
export type { LeftOut } from './application/orders.js';
export { type DeviceAnswer, RecordAnswer } from './application/record-answer.js';
export { RegisterCommand } from './application/register-command.js';
export { SendCommand, type SendCommandInput } from './application/send-command.js';
export { SendCommands, type SendCommandsInput, type SentCommands } from './application/send-commands.js';
export {
  StartDiagnosticRuns,
  type StartedRuns,
  type StartRunsInput,
} from './application/start-diagnostic-runs.js';
export { DiagnosticsModule } from './diagnostics.module.js';
export type { CommandDefinition, CommandInput, PayloadForm } from './domain/command.js';
export type { Execution, ResultFault } from './domain/execution.js';
export { type ExecutionState, executionLife, executionStates } from './domain/execution-state.js';
export { type DiagnosticRun, type ProcedureName, procedures, type Verdict } from './domain/procedure.js';
