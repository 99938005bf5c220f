import type { MessageIdentity } from '../../domain/identity.js';
import { CopyRows, type OwnerBytes } from '../../storage/copy-rows.js';
import type { Delivery } from './delivery.js';

/** Messages of a batch as they are sent to PostgreSQL, and by row what each was made from. */
export class BatchRows {
  readonly copy = new CopyRows();
  readonly deliveries: Delivery[] = [];
  /** Place in the array of a payload, or -1. */
  readonly elements: number[] = [];
  readonly boots: number[] = [];
  readonly seqs: number[] = [];

  get count(): number {
    return this.deliveries.length;
  }

  add(
    delivery: Delivery,
    element: number,
    { boot, seq, ts }: MessageIdentity,
    owner: OwnerBytes | undefined,
    schemaVersion: number,
    values: Float64Array,
  ): void {
    this.copy.add(delivery.source.deviceBytes, boot, seq, ts, owner, schemaVersion, values);
    this.deliveries.push(delivery);
    this.elements.push(element);
    this.boots.push(boot);
    this.seqs.push(seq);
  }
}
