/** PostgreSQL's binary COPY: signature, flags, no header extension. */
const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.from([0xff, 0xff]);
const FLOAT8_OID = 701;
const FIELDS = 9;
const ROW_BYTES_WITHOUT_VALUES = 164;
/** PostgreSQL counts microseconds from 2000-01-01. */
const PG_EPOCH_MS = Date.UTC(2000, 0, 1);
const TWO_32 = 2 ** 32;

/** Buffers that have grown to what a batch needs here, for use again. */
const spare: Buffer[] = [];
const MAX_SPARE = 8;

/** Where a message belongs: asset and customer ids as 2 × 16 bytes. */
export type OwnerBytes = Uint8Array;

export const uuidBytes = (id: string): Uint8Array => Buffer.from(id.replaceAll('-', ''), 'hex');

/** The fields of a row, in their order; `stored_at` is written when the rows are sent. */
export const COPIED_COLUMNS = 'stored_at, device_id, boot, seq, ts, asset_id, customer_id, schema_version, "values"';

/** Messages in PostgreSQL's binary form, encoded as they arrive, so that a commit sends one buffer. */
export class CopyRows {
  private bytes: Buffer = spare.pop() ?? Buffer.allocUnsafe(64 * 1024);
  private view = viewOf(this.bytes);
  private end = HEADER.copy(this.bytes);
  private readonly starts: number[] = [];

  get count(): number {
    return this.starts.length;
  }

  get size(): number {
    return this.end;
  }

  add(
    device: Uint8Array,
    boot: number,
    seq: number,
    ts: number,
    owner: OwnerBytes | undefined,
    schemaVersion: number,
    values: Float64Array,
  ): void {
    this.reserve(ROW_BYTES_WITHOUT_VALUES + 12 * values.length);
    const { view } = this;
    this.starts.push(this.end);
    view.setInt16(this.end, FIELDS);
    this.end += 2;
    this.int64(0);
    this.uuid(device, 0);
    this.int32(boot);
    this.int64(seq);
    this.int64((ts - PG_EPOCH_MS) * 1000);
    this.uuid(owner, 0);
    this.uuid(owner, 16);
    this.int32(schemaVersion);
    this.float8Array(values);
  }

  /** The rows [from, to) as a complete COPY stream. `storedAt` in ms since the epoch. */
  stream(storedAt: number, from = 0, to = this.count): Buffer {
    this.stamp((storedAt - PG_EPOCH_MS) * 1000, from, to);
    const start = this.starts[from] ?? this.end;
    const end = this.starts[to] ?? this.end;
    if (from === 0 && end === this.end) {
      this.reserve(TRAILER.length);
      TRAILER.copy(this.bytes, this.end);
      return this.bytes.subarray(0, this.end + TRAILER.length);
    }
    return Buffer.concat([HEADER, this.bytes.subarray(start, end), TRAILER]);
  }

  /** Hands the buffer on to a later batch. Nothing may be added or read any more. */
  release(): void {
    if (spare.length < MAX_SPARE) spare.push(this.bytes);
    this.bytes = Buffer.alloc(0);
  }

  private stamp(micros: number, from: number, to: number): void {
    const high = Math.floor(micros / TWO_32);
    const low = micros - high * TWO_32;
    for (let row = from; row < to; row += 1) {
      const at = (this.starts[row] ?? 0) + 6;
      this.view.setInt32(at, high);
      this.view.setUint32(at + 4, low);
    }
  }

  private int32(value: number): void {
    this.view.setInt32(this.end, 4);
    this.view.setInt32(this.end + 4, value);
    this.end += 8;
  }

  /** Whole numbers to ±2^53, without BigInt: this runs twice a message. */
  private int64(value: number): void {
    const high = Math.floor(value / TWO_32);
    this.view.setInt32(this.end, 8);
    this.view.setInt32(this.end + 4, high);
    this.view.setUint32(this.end + 8, value - high * TWO_32);
    this.end += 12;
  }

  private uuid(source: Uint8Array | undefined, offset: number): void {
    if (!source) {
      this.view.setInt32(this.end, -1);
      this.end += 4;
      return;
    }
    this.view.setInt32(this.end, 16);
    const at = this.end + 4;
    for (let i = 0; i < 16; i += 1) this.bytes[at + i] = source[offset + i] ?? 0;
    this.end += 20;
  }

  private float8Array(values: Float64Array): void {
    const { view } = this;
    let at = this.end;
    view.setInt32(at, 20 + 12 * values.length);
    view.setInt32(at + 4, 1);
    view.setInt32(at + 8, 0);
    view.setInt32(at + 12, FLOAT8_OID);
    view.setInt32(at + 16, values.length);
    view.setInt32(at + 20, 1);
    at += 24;
    for (let i = 0; i < values.length; i += 1) {
      view.setInt32(at, 8);
      view.setFloat64(at + 4, values[i] ?? Number.NaN);
      at += 12;
    }
    this.end = at;
  }

  private reserve(more: number): void {
    if (this.end + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.end + more));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
    this.view = viewOf(larger);
  }
}

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
