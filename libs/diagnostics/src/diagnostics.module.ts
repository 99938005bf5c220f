import { Module } from '@nestjs/common';
import { FleetModule } from '@throughline/fleet';
import { CancelCommand } from './application/cancel-command.js';
import { Commands } from './application/commands.js';
import { CommandsAtAws } from './application/commands-at-aws.js';
import { DeliverCommands } from './application/deliver-commands.js';
import { DiagnosticRuns } from './application/diagnostic-runs.js';
import { EndOverdue } from './application/end-overdue.js';
import { ExecutionChanges } from './application/execution-changes.js';
import { Executions } from './application/executions.js';
import { Orders } from './application/orders.js';
import { Reachability } from './application/reachability.js';
import { RecordAnswer } from './application/record-answer.js';
import { RegisterCommand } from './application/register-command.js';
import { SendCommand } from './application/send-command.js';
import { SendCommands } from './application/send-commands.js';
import { Sending } from './application/sending.js';
import { StartDiagnosticRuns } from './application/start-diagnostic-runs.js';
import { Validators } from './application/validators.js';
import { DefinitionStore } from './storage/definition.store.js';
import { ExecutionStore } from './storage/execution.store.js';
import { RunStore } from './storage/run.store.js';

const useCases = [
  CancelCommand,
  CommandsAtAws,
  Commands,
  DeliverCommands,
  DiagnosticRuns,
  EndOverdue,
  Executions,
  RecordAnswer,
  RegisterCommand,
  SendCommand,
  SendCommands,
  StartDiagnosticRuns,
];

@Module({
  imports: [FleetModule],
  providers: [
    ...useCases,
    ExecutionChanges,
    Orders,
    Reachability,
    Sending,
    Validators,
    DefinitionStore,
    ExecutionStore,
    RunStore,
  ],
  exports: useCases,
})
export class DiagnosticsModule {}
