import { Inject, Injectable } from '@nestjs/common';
import { Presence } from '@throughline/fleet';
import { CONFIG, type Config, type DataScope } from '@throughline/platform';

/** Which devices a message reaches when it is sent now. */
@Injectable()
export class Reachability {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'mqtt' | 'aws'>,
    private readonly presence: Presence,
  ) {}

  /**
   * With an outside broker all of them: it holds the sessions and keeps what their devices have not fetched. In AWS mode those that
   * are connected: AWS IoT tells who is, and keeps no command for who is not.
   */
  async of(scope: DataScope, deviceIds: readonly string[]): Promise<Set<string>> {
    const { mqtt, aws } = this.config;
    return mqtt.url === undefined || aws ? this.presence.connected(scope, deviceIds) : new Set(deviceIds);
  }
}
