import { setTimeout as delay } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import Stripe from 'stripe';
import { invalid, StripeFault, serverError } from '../core/errors.js';
import { expand } from '../core/expand.js';
import { newId } from '../core/ids.js';
import { list, text } from '../core/params.js';
import { present } from '../core/present.js';
import type { Route } from '../core/route.js';
import type { World } from '../core/world.js';
import { authorise } from './auth.js';
import { type Fault, type Faults, refusalOf } from './faults.js';
import { decodeForm } from './form.js';
import { Idempotency } from './idempotency.js';
import type { Journal, JournalEntry } from './journal.js';
import { Router } from './router.js';

const BODY_LIMIT = 10 * 1024 * 1024;

interface Answer {
  status: number;
  body: string;
  headers: Record<string, string>;
}

interface Options {
  world: World;
  routes: Route[];
  faults: Faults;
  journal: Journal;
  apiKeys: readonly string[] | undefined;
  /** After a request was executed and kept. */
  afterwards(): void;
}

/** One request on its way: what the steps below add to the answer. */
interface Call {
  id: string;
  method: string;
  path: string;
  key: string | null;
  params: Record<string, unknown>;
  entry: JournalEntry;
  fault: Fault | undefined;
}

const failure = (error: unknown): Answer => {
  const fault = error instanceof StripeFault ? error : serverError();
  if (!(error instanceof StripeFault)) console.error('stripe-emulator:', error);
  return { status: fault.status, body: `${JSON.stringify({ error: fault.body }, null, 2)}\n`, headers: fault.headers };
};

/** The HTTP side: Stripe's order of authorisation, idempotency, validation and execution. */
export function createServer(options: Options): FastifyInstance {
  const { world } = options;
  const router = new Router(options.routes);
  const idempotency = new Idempotency(world);
  const app = Fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: true });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const answer = failure(
      error.statusCode === 413
        ? new StripeFault(413, { type: 'invalid_request_error', message: 'Request body is too large.' })
        : error,
    );
    return reply.code(answer.status).type('application/json').send(answer.body);
  });
  app.all('/*', async (request, reply) => handle(request, reply));
  return app;

  async function handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const [path = '', query = ''] = request.url.split('?', 2);
    const { method } = request;
    const header = request.headers['idempotency-key'];
    const key = method === 'POST' && typeof header === 'string' && header !== '' ? header : null;
    const id = newId('req');
    const entry = options.journal.add({
      id,
      method,
      path,
      params: {},
      idempotencyKey: key,
      status: 0,
      replayed: false,
      fault: null,
    });
    let answer: Answer;
    let broken: Fault | null = null;
    try {
      authorise(request.headers.authorization, options.apiKeys);
      const version = checkVersion(request.headers['stripe-version']);
      reply.header('stripe-version', version);
      const call: Call = { id, method, path, key, params: {}, entry, fault: options.faults.take(method, path) };
      entry.fault = call.fault?.kind ?? null;
      const { route, args } = router.find(method, path);
      call.params = entry.params = readParams(request, query);
      const refusal = call.fault && refusalOf(call.fault);
      if (refusal) throw refusal;
      broken = call.fault?.kind === 'reset' || call.fault?.kind === 'timeout' ? call.fault : null;
      if (broken && !broken.effect) return breakOff(request, reply, broken);
      answer = await execute(call, (raw) => route.prepare(world, raw, args));
    } catch (error) {
      answer = failure(error);
    }
    if (broken) return breakOff(request, reply, broken);
    entry.status = answer.status;
    entry.replayed = answer.headers['idempotent-replayed'] === 'true';
    return reply
      .code(answer.status)
      .headers({
        'request-id': id,
        ...(key ? { 'idempotency-key': key } : {}),
        'cache-control': 'no-cache, no-store',
        ...answer.headers,
      })
      .type('application/json')
      .send(answer.body);
  }

  async function execute(call: Call, prepare: (raw: Record<string, unknown>) => () => unknown): Promise<Answer> {
    const { key, params } = call;
    const saved = key === null ? null : idempotency.enter(key, call.path, params);
    if (saved) {
      return {
        status: saved.status,
        body: saved.body,
        headers: { 'idempotent-replayed': 'true', 'original-request': saved.request },
      };
    }
    try {
      if (call.fault?.delayMs) await delay(call.fault.delayMs);
      const { expand: asked, ...raw } = params;
      // A parameter that is refused is no execution: nothing is saved, and the key may be used again.
      const paths = asked === undefined ? [] : list(text()).parse(asked, 'expand');
      const run = prepare(raw);
      const answer = perform(call, () => expand(world, present(world, run()), paths));
      if (key !== null)
        idempotency.save(key, call.path, params, { status: answer.status, body: answer.body, request: call.id });
      await world.store.saved();
      if (call.method !== 'GET') options.afterwards();
      return answer;
    } finally {
      if (key !== null) idempotency.leave(key);
    }
  }

  function perform(call: Call, act: () => unknown): Answer {
    const { fault } = call;
    world.request = { id: call.id, idempotency_key: call.key };
    try {
      if (fault?.kind === 'server_error' && !fault.effect) throw serverError();
      // A refused card leaves its attempt behind; every other error leaves nothing.
      const shown = world.store.atomically(act, (error) => error instanceof StripeFault && error.status === 402);
      if (fault?.kind === 'server_error') throw serverError();
      return { status: 200, body: `${JSON.stringify(shown, null, 2)}\n`, headers: {} };
    } catch (error) {
      return failure(error);
    } finally {
      world.request = null;
    }
  }

  function breakOff(request: FastifyRequest, reply: FastifyReply, fault: Fault): FastifyReply {
    reply.hijack();
    if (fault.kind === 'reset') request.raw.socket.destroy();
    return reply;
  }
}

function checkVersion(header: string | string[] | undefined): string {
  if (header === undefined || header === Stripe.API_VERSION) return Stripe.API_VERSION;
  throw invalid(`Invalid Stripe API version: ${header}. This server speaks ${Stripe.API_VERSION} only.`);
}

function readParams(request: FastifyRequest, query: string): Record<string, unknown> {
  const body = typeof request.body === 'string' ? request.body : '';
  if (body !== '' && request.headers['content-type']?.includes('json')) {
    throw invalid('Invalid request: this endpoint takes application/x-www-form-urlencoded, not JSON.');
  }
  return { ...decodeForm(query), ...decodeForm(body) };
}
