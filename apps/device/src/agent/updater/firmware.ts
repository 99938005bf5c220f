/**
 * What an image makes the simulated controller do:
 * - `normal`: it works.
 * - `mute`: it starts, and never reports a measurement, so its health cannot be confirmed.
 * - `unbootable`: it does not start; the boot loader falls back to the other slot without a word.
 */
export const behaviours = ['normal', 'mute', 'unbootable'] as const;

export type Behaviour = (typeof behaviours)[number];

/** An image of the simulated controller: a small JSON file. What else it holds makes it longer and means nothing. */
export interface Firmware {
  readonly version: string;
  /** Counts releases; a higher one is newer. */
  readonly counter: number;
  readonly hardware: string;
  readonly behaviour: Behaviour;
}

/** What a controller leaves the factory with. */
export const FACTORY_FIRMWARE: Firmware = { version: '1.0.0', counter: 1, hardware: 'rx90-a', behaviour: 'normal' };

export class FirmwareError extends Error {
  override readonly name = 'FirmwareError';
}

/** @throws FirmwareError saying what is wrong with it. */
export function parseFirmware(image: Uint8Array): Firmware {
  const json = objectIn(image);
  const { version, counter, hardware, behaviour = 'normal' } = json;
  const known = behaviours.find((one) => one === behaviour);
  if (typeof version !== 'string' || version === '') throw new FirmwareError('the image has no version');
  if (!Number.isSafeInteger(counter) || Number(counter) < 1)
    throw new FirmwareError('the image has no release counter');
  if (typeof hardware !== 'string' || hardware === '')
    throw new FirmwareError('the image does not say for which hardware it is');
  if (!known) throw new FirmwareError(`the image's behaviour is none of ${behaviours.join(', ')}`);
  return { version, counter: Number(counter), hardware, behaviour: known };
}

export const firmwareBytes = (firmware: Firmware): Buffer => Buffer.from(`${JSON.stringify(firmware)}\n`);

function objectIn(image: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(image).toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new FirmwareError('the image is not a JSON object');
}
