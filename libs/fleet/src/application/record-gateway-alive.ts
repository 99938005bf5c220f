import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { GatewayStore } from '../storage/gateway.store.js';

/** How often a gateway says that it is alive. What a killed one's connections are ended too early by is at most this. */
export const SIGN_OF_LIFE_MS = 5_000;

/** To be run every `SIGN_OF_LIFE_MS` by a running gateway. */
@Injectable()
export class RecordGatewayAlive {
  constructor(
    private readonly database: Database,
    private readonly gateways: GatewayStore,
    private readonly clock: Clock,
  ) {}

  async run(gateway: string): Promise<void> {
    await this.database.transaction(everyCustomer, (em) => this.gateways.beat(em, gateway, this.clock.now()));
  }
}
