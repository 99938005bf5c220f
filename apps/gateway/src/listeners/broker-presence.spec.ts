import type { DeviceHandlers, LinkEnd, Logger } from '@throughline/platform';
import { BrokerPresence } from './broker-presence.js';

const told: string[] = [];
let slow: Promise<void> | undefined;
const handlers = {
  arrived: async (name: string, remoteAddress: string | undefined) => {
    await slow;
    if (name === 'broken') throw new Error('the database is away');
    if (name === 'stranger') return undefined;
    told.push(`${name} came from ${remoteAddress ?? 'somewhere'}`);
    return (reason: LinkEnd) => void told.push(`${name} left: ${reason}`);
  },
} as unknown as DeviceHandlers;
const logged: string[] = [];
const logger = { error: (_: object, text: string) => void logged.push(text) } as unknown as Logger;

describe('who is connected to an outside broker', () => {
  let presence: BrokerPresence;
  beforeEach(() => {
    told.length = 0;
    logged.length = 0;
    slow = undefined;
    presence = new BrokerPresence(logger);
    presence.begin(handlers, () => undefined);
  });
  const came = (name: string) =>
    presence.logged(`1: New client connected from 10.0.0.7:1 as ${name} (p2, c1, k60, u'${name}').`);

  it('is told by its log, in order', async () => {
    came('a');
    presence.logged('1: Client a already connected, closing old connection.');
    came('a');
    presence.logged('1: Client a closed its connection.');
    await presence.stop();
    expect(told).toEqual([
      'a came from 10.0.0.7',
      'a left: taken_over',
      'a came from 10.0.0.7',
      'a left: connection_lost',
    ]);
  });

  it('is learned from what they say, once, and not while the log says it already', async () => {
    let go: () => void = () => undefined;
    slow = new Promise((resolve) => {
      go = resolve;
    });
    came('a');
    presence.heard('a');
    for (const name of ['b', 'b', 'stranger', 'stranger']) presence.heard(name);
    go();
    await presence.stop();
    expect(told).toEqual(['a came from 10.0.0.7', 'b came from somewhere']);
  });

  it('is not known any more when the broker is out of sight', async () => {
    came('a');
    presence.end();
    presence.begin(handlers, () => undefined);
    presence.heard('a');
    await presence.stop();
    expect(told).toEqual(['a came from 10.0.0.7', 'a left: connection_lost', 'a came from somewhere']);
  });

  it('is tried again with the next word when it could not be recorded', async () => {
    presence.heard('broken');
    await new Promise((resolve) => setImmediate(resolve));
    presence.heard('broken');
    await presence.stop();
    expect(logged).toHaveLength(2);
    expect(told).toEqual([]);
  });
});
