import { type Fault, invalid } from '@throughline/kernel';
import { checkCounter, checkFileName, checkWord } from './checks.js';

/** Largest file that is taken, bytes. */
export const MAX_ARTEFACT_BYTES = 256 * 1024 * 1024;

/** A file for one hardware of a model; it never changes. */
export interface Artefact {
  readonly id: string;
  readonly modelId: string;
  readonly hardwareId: string;
  readonly version: string;
  readonly counter: number;
  /** Bytes. */
  readonly length: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly fileName: string;
  readonly uploadedBy: string;
  readonly uploadedAt: Date;
}

/** What is said of a file with its upload. */
export interface ArtefactLabel {
  readonly modelName: string;
  readonly hardwareId: string;
  readonly version: string;
  readonly counter: number;
  readonly fileName: string;
  /** What the sender knows it to be; another content is refused. */
  readonly sha256: string | undefined;
}

export const isSha256 = (text: unknown): text is string => typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);

/** Reads the label from the parameters of an address. Errors: INVALID_INPUT with every fault. */
export function labelFrom(given: Readonly<Record<string, unknown>>): ArtefactLabel {
  const faults: Fault[] = [];
  const { model, hardware, version, fileName = 'artefact.bin', sha256 } = given;
  const counter = typeof given.counter === 'string' && /^\d{1,10}$/.test(given.counter) ? Number(given.counter) : NaN;
  checkWord(faults, 'model', model);
  checkWord(faults, 'hardware', hardware);
  checkWord(faults, 'version', version);
  checkFileName(faults, 'fileName', fileName);
  checkCounter(faults, 'counter', Number.isNaN(counter) ? given.counter : counter);
  if (sha256 !== undefined && !isSha256(sha256))
    faults.push({ field: 'sha256', value: sha256, rule: 'must be 64 lower-case hexadecimal digits' });
  if (faults.length > 0) throw invalid(...faults);
  return {
    modelName: String(model),
    hardwareId: String(hardware),
    version: String(version),
    counter,
    fileName: String(fileName),
    sha256: typeof sha256 === 'string' ? sha256 : undefined,
  };
}
