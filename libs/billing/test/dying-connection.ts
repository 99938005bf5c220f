import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Stands between a client and Stripe and lets so many requests through; then every connection breaks, as when the client's
 * process is killed. `lastReaches`: the first request that gets no answer still reaches Stripe.
 */
export async function dyingConnection(target: string, answers: number, lastReaches: boolean) {
  let served = 0;
  const server = createServer((incoming, outgoing) => {
    served += 1;
    const dead = served > answers;
    if (dead && (!lastReaches || served > answers + 1)) return incoming.socket.destroy();
    const passed = request(
      new URL(incoming.url ?? '/', target),
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        if (dead) {
          answer.resume();
          return incoming.socket.destroy();
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        return answer.pipe(outgoing);
      },
    );
    return incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served: () => served,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
