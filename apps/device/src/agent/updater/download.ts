import { setTimeout as sleep } from 'node:timers/promises';
import type { Order } from './order.js';
import type { UpdateDisk } from './update-disk.js';

/** What a server answers for an artefact from a byte on. `total`: its whole length, if the server says so. */
export interface SourceAnswer {
  readonly from: number;
  readonly total: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The link is over or was never good: the job has a fresh one. */
export class LinkRefused extends Error {
  override readonly name = 'LinkRefused';
}

/** From where artefacts come. @throws LinkRefused; any other error is passing. */
export type ArtefactSource = (url: string, from: number, signal: AbortSignal) => Promise<SourceAnswer>;

/** What came is not what was promised: it is no use to try again. */
export class DownloadRefused extends Error {
  override readonly name = 'DownloadRefused';
}

export interface DownloadOptions {
  readonly disk: UpdateDisk;
  readonly source: ArtefactSource;
  /** A link that was made just now. */
  readonly freshUrl: () => Promise<string>;
  readonly progress: (percent: number) => void;
  readonly signal: AbortSignal;
  /** Wait after a try that brought nothing, doubled up to 32-fold; default 2 s. */
  readonly retryMs?: number;
}

/** Tries in a row that bring nothing: at the usual waits an hour and a half. */
const MAX_VAIN_TRIES = 100;
/** Links in a row that are refused although they are fresh. */
const MAX_REFUSED_LINKS = 3;
const CHUNK_BYTES = 256 * 1024;

/**
 * Brings an artefact to disk and checks it. Goes on where an earlier try, of this process or another, ended.
 * @throws DownloadRefused when it is not what was promised or does not come; the signal's reason when it is aborted.
 */
export async function download(order: Order, options: DownloadOptions): Promise<void> {
  const { disk, signal } = options;
  const resumed = (await disk.partLength(order.sha256)) > 0;
  await fetchAll(order, options);
  signal.throwIfAborted();
  const hash = await disk.hashPart(order.sha256);
  if (hash === order.sha256) return;
  await disk.dropParts();
  // What an earlier start left may have been torn by a power cut; a whole download may not.
  if (resumed) return download(order, options);
  throw new DownloadRefused(`the artefact's SHA-256 is ${hash}, promised was ${order.sha256}`);
}

async function fetchAll(order: Order, options: DownloadOptions): Promise<void> {
  const { disk, freshUrl, signal, retryMs = 2000 } = options;
  let { url } = order;
  let vain = 0;
  let refusedLinks = 0;
  for (;;) {
    signal.throwIfAborted();
    const have = await disk.partLength(order.sha256);
    if (have === order.length) return;
    if (have > order.length) {
      await disk.dropParts();
      continue;
    }
    let failure: LinkRefused | Passing | undefined;
    try {
      await fetchSome(url, have, order, options);
    } catch (error) {
      if (!(error instanceof LinkRefused || error instanceof Passing)) throw error;
      failure = error;
    }
    if ((await disk.partLength(order.sha256)) > have) {
      vain = 0;
      refusedLinks = 0;
      continue;
    }
    if (failure instanceof LinkRefused) {
      refusedLinks += 1;
      if (refusedLinks >= MAX_REFUSED_LINKS) throw new DownloadRefused('the server refuses the links of the job');
      url = await freshUrl();
      continue;
    }
    vain += 1;
    if (vain >= MAX_VAIN_TRIES)
      throw new DownloadRefused(
        `the artefact does not come: ${failure?.message ?? 'the server ends the answer at once'}`,
      );
    await sleep(retryMs * 2 ** Math.min(vain - 1, 5), undefined, { signal }).catch(() => undefined);
  }
}

async function fetchSome(url: string, have: number, order: Order, options: DownloadOptions): Promise<void> {
  const { disk, source, progress, signal } = options;
  const { from, total, body } = await source(url, have, signal).catch((error: unknown) => {
    throw error instanceof LinkRefused ? error : passing(error);
  });
  if (total !== undefined && total !== order.length)
    throw new DownloadRefused(`the artefact has ${total} bytes, promised were ${order.length}`);
  if (from !== 0 && from !== have) throw new DownloadRefused(`the server answers from byte ${from}, not ${have}`);
  // A server that knows no ranges begins anew.
  if (from !== have) await disk.dropParts();
  let length = from;
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  const write = async (): Promise<void> => {
    if (bytes > 0) await disk.append(order.sha256, Buffer.concat(waiting));
    length += bytes;
    waiting = [];
    bytes = 0;
    progress(Math.floor((100 * length) / order.length));
  };
  try {
    for await (const chunk of arriving(body)) {
      if (length + bytes + chunk.length > order.length)
        throw new DownloadRefused(`the artefact has more than the ${order.length} bytes that were promised`);
      waiting.push(chunk);
      bytes += chunk.length;
      if (bytes >= CHUNK_BYTES) await write();
    }
  } finally {
    // What came before the connection broke need not come again.
    await write();
  }
}

/** A fault of the network or the server, which may be over at the next try; what the disk says is not caught. */
class Passing extends Error {}

const passing = (error: unknown): Passing => {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return new Passing(`${error instanceof Error ? error.message : String(error)}${cause}`, { cause: error });
};

async function* arriving(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw passing(error);
  }
}
