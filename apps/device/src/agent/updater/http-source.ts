import { type ArtefactSource, LinkRefused } from './download.js';

/** A server that is silent for so long is given up. */
const SILENCE_MS = 60_000;
const REFUSED = new Set([401, 403, 404, 410]);

/** Artefacts over HTTP or HTTPS, by range. */
export const httpSource: ArtefactSource = async (url, from, signal) => {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(new Error('the server is silent')), SILENCE_MS);
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new Error('the server is silent')), SILENCE_MS);
  };
  try {
    const answer = await fetch(url, {
      headers: { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    heard();
    if (REFUSED.has(answer.status)) throw new LinkRefused(`the server answers ${answer.status}`);
    // Nothing is left from there on: the artefact is shorter than what was promised.
    if (answer.status === 416) return { from, total: totalOf(answer) ?? from, body: nothing() };
    if (answer.status !== 200 && answer.status !== 206) throw new Error(`the server answers ${answer.status}`);
    const body = answer.body ?? nothing();
    return { from: startOf(answer), total: totalOf(answer), body: watched(body, heard, () => clearTimeout(timer)) };
  } catch (error) {
    clearTimeout(timer);
    throw error;
  }
};

async function* watched(
  body: AsyncIterable<Uint8Array>,
  heard: () => void,
  done: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      heard();
      yield chunk;
    }
  } finally {
    done();
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

const RANGE = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/;

const startOf = (answer: Response): number =>
  answer.status === 206 ? Number(RANGE.exec(answer.headers.get('content-range') ?? '')?.[1] ?? Number.NaN) : 0;

function totalOf(answer: Response): number | undefined {
  const text =
    answer.status === 200
      ? answer.headers.get('content-length')
      : RANGE.exec(answer.headers.get('content-range') ?? '')?.[2];
  return text && /^\d+$/.test(text) ? Number(text) : undefined;
}
