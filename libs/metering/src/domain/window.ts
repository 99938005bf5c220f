import type { Quantity } from '@throughline/kernel';

export type Quality = 'measured' | 'estimated' | 'edited';

/** Quantity of one asset and meter in one UTC hour [hour, hour + 1 h). */
export interface UsageWindow {
  readonly assetId: string;
  readonly meter: string;
  /** Start of the hour, ms since the epoch. */
  readonly hour: number;
  readonly version: number;
  readonly quantity: Quantity;
  readonly quality: Quality;
  readonly messages: number;
}

/** A counter's reading as a window's evidence keeps it; `value` is decimal text. */
export interface EvidenceReading {
  readonly deviceId: string;
  readonly boot: number;
  readonly seq: number;
  readonly ts: number;
  readonly value: string;
  /** Value before a deep fall to this one, on which nothing was counted since. */
  readonly fellFrom?: string;
}

/** What a window rests on. A counter's: the readings it is measured between; `notes` say what was no plain difference. */
export interface WindowEvidence {
  readonly messages: number;
  readonly from?: EvidenceReading;
  readonly to?: EvidenceReading;
  readonly notes?: readonly string[];
}

/** A window with its evidence. */
export interface EvidencedWindow extends UsageWindow {
  readonly evidence: WindowEvidence;
}
