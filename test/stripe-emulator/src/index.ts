export { type StripeEmulator, type StripeEmulatorOptions, startStripeEmulator } from './emulator.js';
export type { Fault, FaultKind } from './http/faults.js';
export type { JournalEntry } from './http/journal.js';
export { signatureHeader } from './webhooks/signature.js';
