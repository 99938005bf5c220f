import { Controller, Headers, HttpCode, Post, type RawBodyRequest, Req, Res } from '@nestjs/common';
import { DomainError, type ErrorCode } from '@throughline/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReceiveStripeEvent } from '../../application/receive-stripe-event.js';

const refusals: readonly ErrorCode[] = ['UNAUTHENTICATED', 'INVALID_INPUT'];

/** 200 means "stored"; 400 a signature that does not fit, or no event; anything else makes Stripe deliver again. */
@Controller('webhooks/stripe')
export class StripeWebhookController {
  constructor(private readonly receive: ReceiveStripeEvent) {}

  @Post()
  @HttpCode(200)
  async post(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Headers('stripe-signature') signature: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ received: boolean }> {
    try {
      await this.receive.fromWebhook(request.rawBody ?? Buffer.alloc(0), signature ?? '');
      return { received: true };
    } catch (error) {
      if (!(error instanceof DomainError) || !refusals.includes(error.code)) throw error;
      reply.status(400);
      return { received: false };
    }
  }
}
