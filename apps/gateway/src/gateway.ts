import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config, DeviceListener, Downlink, Logger, Metrics } from '@throughline/platform';
import { DeviceMessages } from '@throughline/telemetry/mqtt';
import { DeviceRequests } from './device-requests.js';
import { DeviceSessions } from './device-sessions.js';

/** How often messages that other processes have for devices are looked for. */
const DOWNLINK_MS = 200;

/** Starts and stops the device side in order. It stops in the first phase of a shutdown, while everything it needs still works. */
@Injectable()
export class Gateway implements OnModuleDestroy {
  private started = false;
  private stopping = false;
  private sending: Promise<void> | undefined;
  private readonly gauge: NodeJS.Timeout;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'mqtt'>,
    private readonly listener: DeviceListener,
    private readonly sessions: DeviceSessions,
    private readonly messages: DeviceMessages,
    private readonly requests: DeviceRequests,
    private readonly downlink: Downlink,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    const connections = metrics.gauge('throughline_gateway_connections', 'Open connections of devices');
    this.gauge = setInterval(() => connections.set(this.listener.connections), 1_000).unref();
  }

  /** Resolves to the addresses devices connect to. */
  async start(): Promise<Record<string, string>> {
    await this.sessions.start(`${hostname()}:${this.config.mqtt.tlsPort}`.slice(0, 64));
    await this.messages.start();
    this.messages.answerThrough((topic, payload) => void this.listener.send(topic, payload));
    this.messages.watchCongestion((congested) => this.listener.flow(!congested));
    const addresses = await this.listener.start(this.sessions);
    this.started = true;
    this.sending = this.sendDownlink();
    return addresses;
  }

  /** No new connections; what was received is committed and acknowledged; then connections and presence end. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.gauge);
    if (!this.started) return;
    await this.listener.quiesce();
    this.stopping = true;
    await Promise.all([this.messages.flush(), this.requests.flush(), this.sending]);
    await this.listener.stop();
    await this.sessions.stop();
  }

  private async sendDownlink(): Promise<void> {
    while (!this.stopping) {
      const sent = await this.downlink
        .relay(({ topic, payload }) => this.listener.send(topic, payload, 1))
        .catch((error: unknown) => {
          this.logger.warn({ err: error }, 'messages for devices wait: they could not be read');
          return 0;
        });
      if (sent === 0) await sleep(DOWNLINK_MS);
    }
  }
}
