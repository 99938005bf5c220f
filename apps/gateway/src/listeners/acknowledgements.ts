import type { Duplex } from 'node:stream';

const PUBACK_BYTES = 4;

/**
 * PUBACKs of QoS 1. A commit acknowledges many messages of a connection at once: they leave as one write, in the order of
 * receipt, when the turn of the event loop that brought them ends.
 */
export class Acknowledgements {
  private readonly waiting = new Map<Duplex, number[]>();

  add(connection: Duplex, messageId: number): void {
    if (this.waiting.size === 0) process.nextTick(() => this.flush());
    const ids = this.waiting.get(connection);
    if (ids) ids.push(messageId);
    else this.waiting.set(connection, [messageId]);
  }

  private flush(): void {
    for (const [connection, ids] of this.waiting) if (!connection.destroyed) connection.write(pubacks(ids));
    this.waiting.clear();
  }
}

function pubacks(ids: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(ids.length * PUBACK_BYTES);
  ids.forEach((id, i) => {
    bytes.writeUInt32BE(0x4002_0000 | id, i * PUBACK_BYTES);
  });
  return bytes;
}
