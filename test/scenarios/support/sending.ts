import { setTimeout as sleep } from 'node:timers/promises';
import { DeviceAgent, type DeviceIdentity, type DeviceMessage } from '../../../apps/device/src/index.js';

/** How long a lost network stays away while the other devices go on. */
const OFFLINE_MS = 1_500;
const STEP = 2_000;

/** The devices of the scenario: one agent on the AWS SDK a controller. */
export class Devices {
  readonly #agents = new Map<string, DeviceAgent>();

  connect(identity: DeviceIdentity): DeviceAgent {
    const agent = new DeviceAgent({ identity, batch: 50, window: 20, connection: { reconnectMinMs: 500 } });
    this.#agents.set(identity.thingName, agent);
    agent.start();
    return agent;
  }

  agent(thing: string): DeviceAgent {
    const agent = this.#agents.get(thing);
    if (!agent) throw new Error(`${thing} is not connected`);
    return agent;
  }

  /** Hands the messages over, as fast as the agent takes them. */
  async report(thing: string, messages: readonly DeviceMessage[]): Promise<void> {
    const agent = this.agent(thing);
    for (let i = 0; i < messages.length; i += STEP) {
      for (const message of messages.slice(i, i + STEP)) agent.deliver(message);
      await sleep(0);
    }
  }

  /** The same with a loss of the network in the midst of sending: what is not committed is sent once more afterwards. */
  async reportThroughLoss(thing: string, messages: readonly DeviceMessage[]): Promise<void> {
    const agent = this.agent(thing);
    const third = Math.floor(messages.length / 3);
    await agent.whenConnected();
    await this.report(thing, messages.slice(0, third));
    while (agent.stats.sent < third / 2) await sleep(5);
    await agent.goOffline();
    await this.report(thing, messages.slice(third, 2 * third));
    await sleep(OFFLINE_MS);
    agent.goOnline();
    await this.report(thing, messages.slice(2 * third));
  }

  /** Resolves when the server has said of every message that it is committed. */
  async committed(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.whenCommitted()));
  }

  /** Messages sent, repetitions included. */
  get sent(): number {
    return [...this.#agents.values()].reduce((sum, agent) => sum + agent.stats.sent, 0);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.close({ drainMs: 0 })));
  }
}
