import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer, Logger } from '@throughline/platform';
import { GatewayStore } from '../storage/gateway.store.js';
import { GatewayEnds } from './gateway-ends.js';

/** A gateway silent for this long is lost, also when nothing of its name starts again. */
const LOST_AFTER_MS = 60_000;

/**
 * A gateway that is killed cannot say that its connections ended. It leaves a sign of life every 5 s instead, and when a
 * gateway starts, the connections of its former self, and of gateways silent for a minute, end at their last sign of life.
 */
@Injectable()
export class CloseLostSessions {
  constructor(
    private readonly database: Database,
    private readonly gateways: GatewayStore,
    private readonly ends: GatewayEnds,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** To be run at the start of a gateway, before it listens. Returns how many connections were ended as "gateway_lost". */
  async run(gateway: string): Promise<number> {
    const now = this.clock.now();
    const closed = await this.database.transaction(everyCustomer, async (em) => {
      const lost = await this.gateways.lostOnes(em, gateway, new Date(now.getTime() - LOST_AFTER_MS));
      let count = 0;
      for (const { name, aliveAt } of lost) {
        count += await this.ends.endAll(em, name, aliveAt, 'gateway_lost');
        if (name !== gateway) await this.gateways.forget(em, name);
      }
      await this.gateways.start(em, gateway, now);
      return count;
    });
    if (closed > 0) this.logger.warn({ gateway, connections: closed }, 'connections of a lost gateway were ended');
    return closed;
  }
}
