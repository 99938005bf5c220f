import { rmSync } from 'node:fs';

export default async function stopPostgres() {
  const started = globalThis.testPostgres;
  if (!started) return;
  globalThis.testPostgres = undefined;
  await started.server.stop();
  rmSync(started.dataDir, { recursive: true, force: true });
}
