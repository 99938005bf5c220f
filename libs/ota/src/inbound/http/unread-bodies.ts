import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

/** Leaves bodies of `application/octet-stream` to the handler as a stream: no limit in memory applies to them. */
@Injectable()
export class UnreadBodies implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const http: FastifyInstance = this.host.httpAdapter.getInstance();
    http.addContentTypeParser('application/octet-stream', (_request, _payload, done) => done(null));
  }
}
