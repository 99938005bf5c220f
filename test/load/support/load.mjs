import { fork } from 'node:child_process';
import { join } from 'node:path';

/** A load generator in a process of its own. `order(name, options)` resolves to what it answers. */
export function startLoad(script = 'load-generator.mjs') {
  const child = fork(join(import.meta.dirname, script));
  const order = (run, options = {}) =>
    new Promise((resolve, reject) => {
      const gone = (code) => reject(new Error(`the load generator ended with ${code}`));
      child.once('exit', gone);
      child.once('message', ({ result, error }) => {
        child.off('exit', gone);
        if (error) reject(new Error(error));
        else resolve(result);
      });
      child.send({ run, ...options });
    });
  return { pid: child.pid, order, stop: () => child.kill() };
}
