import { Module } from '@nestjs/common';
import { BillingModule } from '../../billing.module.js';
import { StripeWebhookController } from './stripe-webhook.controller.js';

@Module({ imports: [BillingModule], controllers: [StripeWebhookController] })
export class BillingHttpModule {}
