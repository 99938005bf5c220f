import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { importLimits } from '@throughline/fleet/http';
import type { Clock } from '@throughline/kernel';
import {
  type Config,
  Logger,
  requestIdFrom,
  requestLimits,
  withLogFields,
  withRequestId,
  withStatementTimeout,
} from '@throughline/platform';
import { ApiModule } from './api.module.js';
import { securityHeaders } from './headers.js';
import { servePortal } from './portal.js';

/** No statement of a request may hold a database connection longer. */
const STATEMENT_LIMIT_MS = 10_000;

/** The built portal, beside this app in the repository. */
const PORTAL = join(import.meta.dirname, '../../portal/dist');

/** The API with all its routes, ready to listen. `rawBody` keeps a webhook's bytes as they came, for its signature. */
export async function createApp(
  config: Config,
  options: { clock?: Clock; portal?: string } = {},
): Promise<NestFastifyApplication> {
  const https = config.http.publicUrl?.startsWith('https:') ?? false;
  const adapter = new FastifyAdapter({
    bodyLimit: requestLimits.bodyBytes,
    genReqId: ({ headers }: IncomingMessage) => requestIdFrom(headers['x-request-id']),
    // This process speaks plain HTTP, so where the public address is https one proxy stands before it and knows the caller.
    trustProxy: https ? (_address, hop) => hop === 0 : false,
    forceCloseConnections: 'idle',
  });
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.for(config, options.clock), adapter, {
    bufferLogs: true,
    rawBody: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  // Files of devices may be larger than any other request, to a limit of their own.
  app.useBodyParser('text/csv', { bodyLimit: importLimits.bytes }, (_request, body, done) =>
    done(null, body.toString()),
  );

  const http = adapter.getInstance();
  const headers = securityHeaders(https);
  http.addHook('onRequest', (request, reply, done) => {
    reply.headers({ ...headers, 'x-request-id': request.id });
    withRequestId(request.id, () =>
      withLogFields({ requestId: request.id }, () => withStatementTimeout(STATEMENT_LIMIT_MS, () => done())),
    );
  });
  await servePortal(http, options.portal ?? PORTAL);
  return app;
}
