import { hostname } from 'node:os';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config, DeviceListener, Metrics } from '@throughline/platform';
import { DeviceMessages } from '@throughline/telemetry/mqtt';
import { DeviceSessions } from './device-sessions.js';

/** Starts and stops the device side in order. It stops in the first phase of a shutdown, while everything it needs still works. */
@Injectable()
export class Gateway implements OnModuleDestroy {
  private started = false;
  private readonly gauge: NodeJS.Timeout;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'mqtt'>,
    private readonly listener: DeviceListener,
    private readonly sessions: DeviceSessions,
    private readonly messages: DeviceMessages,
    metrics: Metrics,
  ) {
    const connections = metrics.gauge('throughline_gateway_connections', 'Open connections of devices');
    this.gauge = setInterval(() => connections.set(this.listener.connections), 1_000).unref();
  }

  /** Resolves to the addresses devices connect to. */
  async start(): Promise<Record<string, string>> {
    await this.sessions.start(`${hostname()}:${this.config.mqtt.tlsPort}`.slice(0, 64));
    await this.messages.start();
    this.messages.answerThrough((topic, payload) => this.listener.send(topic, payload));
    this.messages.watchCongestion((congested) => this.listener.flow(!congested));
    const addresses = await this.listener.start(this.sessions);
    this.started = true;
    return addresses;
  }

  /** No new connections; what was received is committed and acknowledged; then connections and presence end. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.gauge);
    if (!this.started) return;
    await this.listener.quiesce();
    await this.messages.flush();
    await this.listener.stop();
    await this.sessions.stop();
  }
}
