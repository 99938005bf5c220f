import type { Readable } from 'node:stream';
import { Controller, Get, Param, Post, Put, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { AuditTrail, Authenticate, type RequestScope, requirePermission } from '@throughline/identity';
import { DomainError, invalid } from '@throughline/kernel';
import { currentRequestId, Database, everyCustomer, requestIdFrom } from '@throughline/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OpenArtefact } from '../../application/open-artefact.js';
import { StoreArtefact } from '../../application/store-artefact.js';
import { labelFrom } from '../../domain/artefact.js';

type Parameters = Readonly<Record<string, unknown>>;

/** Files go up with the caller's token and come down with a link that was made for a device. */
@Controller('artefacts')
export class ArtefactsController {
  constructor(
    private readonly authenticate: Authenticate,
    private readonly auditTrail: AuditTrail,
    private readonly database: Database,
    private readonly store: StoreArtefact,
    private readonly open: OpenArtefact,
  ) {}

  /** `?model=…&hardware=…&version=…&counter=…&fileName=…&sha256=…`, the body as `application/octet-stream`. */
  @Post()
  post(@Req() request: FastifyRequest, @Query() query: Parameters, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.upload(request, query, reply);
  }

  @Put()
  put(@Req() request: FastifyRequest, @Query() query: Parameters, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.upload(request, query, reply);
  }

  @Get(':id')
  async download(
    @Param('id') id: string,
    @Query() query: Parameters,
    @Req() { headers }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    const { artefact, etag, answer, body } = await this.open.run(id, query, {
      range: headers.range,
      ifRange: headers['if-range']?.toString(),
      ifNoneMatch: headers['if-none-match'],
    });
    reply.status(answer.status).headers({ etag, 'accept-ranges': 'bytes', 'cache-control': 'private, no-cache' });
    const whole = artefact.length;
    if (answer.status === 416) reply.header('content-range', `bytes */${whole}`);
    if (answer.status === 206) reply.header('content-range', `bytes ${answer.from}-${answer.to}/${whole}`);
    if (!body) return undefined;
    const length = answer.status === 206 ? answer.to - answer.from + 1 : whole;
    const fileName = encodeURIComponent(artefact.fileName);
    return new StreamableFile(body, { length, disposition: `attachment; filename*=UTF-8''${fileName}` });
  }

  private async upload(request: FastifyRequest, query: Parameters, reply: FastifyReply) {
    const requestId = currentRequestId() ?? requestIdFrom(request.headers['x-request-id']);
    const { authorization, 'content-length': expected } = request.headers;
    try {
      if (authorization === undefined) throw new DomainError('UNAUTHENTICATED', 'Sign in first');
      const { scope } = await this.authenticate.bearer(authorization, requestId);
      return await this.audited(scope, query, async () => {
        requirePermission(scope, 'releases:write');
        return this.store.run(labelFrom(query), streamOf(request), scope.actor.name, Number(expected ?? 0));
      });
    } catch (error) {
      // The rest of the body is not waited for.
      reply.header('connection', 'close');
      throw error;
    }
  }

  private async audited<T extends { id: string }>(
    scope: RequestScope,
    detail: Parameters,
    work: () => Promise<T>,
  ): Promise<T> {
    const record = (outcome: 'done' | 'refused' | 'failed', more: Parameters): Promise<void> =>
      this.database.transaction(everyCustomer, (em) =>
        this.auditTrail.record(em, scope, { action: 'uploadArtefact', outcome, detail: { ...detail, ...more } }),
      );
    try {
      const done = await work();
      await record('done', { result: done.id });
      return done;
    } catch (error) {
      const code = error instanceof DomainError ? error.code : 'INTERNAL';
      await record(code === 'INTERNAL' ? 'failed' : 'refused', { error: code });
      throw error;
    }
  }
}

/** The body as it comes; the parser of `application/octet-stream` leaves it unread. */
function streamOf(request: FastifyRequest): Readable {
  const type = request.headers['content-type'];
  if (type?.split(';')[0]?.trim().toLowerCase() !== 'application/octet-stream')
    throw invalid({ field: 'content-type', value: type, rule: 'must be application/octet-stream' });
  return request.raw;
}
