import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { GatewayStore } from '../storage/gateway.store.js';
import { GatewayEnds } from './gateway-ends.js';

/** To be run when a gateway stops in order, after its last connection was closed: ends what is still open as "gateway_stopped". */
@Injectable()
export class RecordGatewayStopped {
  constructor(
    private readonly database: Database,
    private readonly gateways: GatewayStore,
    private readonly ends: GatewayEnds,
    private readonly clock: Clock,
  ) {}

  async run(gateway: string): Promise<number> {
    const now = this.clock.now();
    return this.database.transaction(everyCustomer, async (em) => {
      await this.gateways.beat(em, gateway, now);
      return this.ends.endAll(em, gateway, now, 'gateway_stopped');
    });
  }
}
