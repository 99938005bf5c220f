import type { DirectoryEntry, DirectoryInstallation } from '@throughline/fleet';
import type { BootRanges } from '../../domain/boot-ranges.js';
import type { CompiledSchema } from '../../domain/compiled-schema.js';
import { type OwnerBytes, uuidBytes } from '../../storage/copy-rows.js';

/** Boots of one device whose ranges are kept in memory; older ones are read again when they speak. */
const MAX_BOOTS = 8;

/** A device as ingest knows it: who it is, what it may say, and which of its messages are stored. */
export class IngestSource {
  readonly deviceBytes: Uint8Array;
  /** Ranges by boot. A boot that is not in here has not been read from the database yet. */
  readonly boots = new Map<number, BootRanges>();
  /** By the monotonic clock, ms. */
  checkedAt = performance.now();
  usedAt = this.checkedAt;

  constructor(
    public entry: DirectoryEntry,
    public schema: CompiledSchema | undefined,
  ) {
    this.deviceBytes = uuidBytes(entry.deviceId);
  }

  /** What is stored is read again: this memory was wrong, because another process stored messages too. */
  forgetRanges(): void {
    this.boots.clear();
  }

  remember(boot: number, ranges: BootRanges): void {
    this.boots.delete(boot);
    this.boots.set(boot, ranges);
    if (this.boots.size <= MAX_BOOTS) return;
    const oldest = this.boots.keys().next().value;
    if (oldest !== undefined) this.boots.delete(oldest);
  }
}

const owners = new WeakMap<DirectoryInstallation, OwnerBytes>();

/** Asset and customer of an installation in the form rows are written in. */
export function ownerBytes(installation: DirectoryInstallation): OwnerBytes {
  let bytes = owners.get(installation);
  if (!bytes) {
    bytes = Buffer.concat([uuidBytes(installation.assetId), uuidBytes(installation.customerId)]);
    owners.set(installation, bytes);
  }
  return bytes;
}
