export { lastBoot, nextBoot, storeBoot } from './agent/boot-counter.js';
export { builtInCommands, type Controller } from './agent/commands/built-in.js';
export type {
  CommandCall,
  CommandEnd,
  CommandHandler,
  CommandHandlers,
  CommandRestart,
} from './agent/commands/command.js';
export type { CommandAgentOptions } from './agent/commands/command-agent.js';
export { CommandJournal, type JournalledCommand } from './agent/commands/command-journal.js';
export type { ConnectionOptions } from './agent/connection.js';
export { type AgentLog, type AgentStats, DeviceAgent, type DeviceAgentOptions } from './agent/device-agent.js';
export { DurableJournal, type DurableJournalOptions } from './agent/durable-journal.js';
export { type DeviceIdentity, type DeviceTopics, loadIdentity, makeIdentity, topicsOf } from './agent/identity.js';
export {
  type BootNumbers,
  Journal,
  type JournalCounts,
  type JournalEntry,
  JournalFullError,
  type JournalOptions,
  type Overflow,
} from './agent/journal.js';
export {
  type Committed,
  checkMessage,
  type DeviceMessage,
  type EventMessage,
  isTelemetry,
  type TelemetryMessage,
} from './agent/message.js';
export { Fleet, type FleetOptions } from './fleet/fleet.js';
export {
  Compressor,
  type CompressorOptions,
  type CounterBase,
  type Interruption,
  type MachineEvent,
  type Reading,
} from './simulator/compressor.js';
export {
  type ControllerSwap,
  distinct,
  type Numbering,
  numberMessages,
  simulateSwap,
  withDisorder,
  withDuplicates,
  withOutage,
} from './simulator/disturb.js';
export { DEFAULT_PROFILE, PROFILES, type Profile, profileNamed, type Shift } from './simulator/profile.js';
export {
  itemsBetween,
  type SimulatedItem,
  type Simulation,
  type SimulationOptions,
  simulateCompressor,
} from './simulator/simulate.js';
export { MACHINE_STATES, type MachineState, STATE_CODES } from './simulator/states.js';
export { milliToDecimal, type Truth, truthTable } from './simulator/truth.js';
