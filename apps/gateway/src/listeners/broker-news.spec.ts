import { newsIn } from './broker-news.js';

/** Lines as Mosquitto 2.0.11 writes them. */
describe("what Mosquitto's log says of clients", () => {
  it('is who connected, from where', () => {
    expect(newsIn("1795577528: New client connected from 10.0.0.7:54386 as rx90-1 (p5, c1, k60, u'rx90-1').")).toEqual({
      kind: 'connected',
      name: 'rx90-1',
      remoteAddress: '10.0.0.7',
    });
    expect(newsIn("1: New client connected from fe80::1:54386 as a:b_c (p2, c0, k1200, u'a:b_c').")).toEqual({
      kind: 'connected',
      name: 'a:b_c',
      remoteAddress: 'fe80::1',
    });
  });

  it.each([
    ['Client rx90-1 disconnected.', 'client_disconnect'],
    ['Client rx90-1 closed its connection.', 'connection_lost'],
    ['Client rx90-1 has exceeded timeout, disconnecting.', 'keep_alive_timeout'],
    ['Client rx90-1 already connected, closing old connection.', 'taken_over'],
    ['Client rx90-1 disconnected due to protocol error.', 'refused'],
    ['Client rx90-1 disconnected, not authorised.', 'refused'],
    ['Bad socket read/write on client rx90-1: Invalid arguments provided.', 'connection_lost'],
  ])('is how a connection ended: %s', (line, reason) => {
    expect(newsIn(`1795577528: ${line}`)).toEqual({ kind: 'ended', name: 'rx90-1', reason });
  });

  it('is nothing in other lines, nor where id and certificate differ', () => {
    for (const line of [
      '1795577528: New connection from 127.0.0.1:54386 on port 8883.',
      '1795577529: Client <unknown> disconnected due to protocol error.',
      '1: New client connected from 127.0.0.1:1 as gateway (p5, c0, k60).',
      "1: New client connected from 127.0.0.1:1 as victim (p5, c1, k60, u'thief').",
      "1: New client connected from 127.0.0.1:1 as x (p2, c1, k60, u'victim'). (p5, c1, k60, u'thief').",
      "1: New client connected from 127.0.0.1:1 as Throughline claim (p5, c1, k60, u'Throughline claim').",
    ])
      expect(newsIn(line)).toBeUndefined();
  });
});
