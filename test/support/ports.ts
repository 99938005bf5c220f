import { connect } from 'node:net';

export { freePort } from '../../apps/cli/src/embedded/ports.js';

const LIMIT_MS = 15_000;

/** Resolves when something answers on the port of this machine. */
export async function listening(port: number): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while (!(await answers(port))) {
    if (Date.now() > end) throw new Error(`nothing listens on port ${port} after ${LIMIT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
