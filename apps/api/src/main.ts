import { loadConfig, runProcess } from '@throughline/platform';
import { createApp } from './create-app.js';

await runProcess('api', async () => {
  const config = loadConfig();
  const app = await createApp(config);
  await app.listen(config.http.port, config.http.host);
  const address = app.getHttpServer().address();
  const port = typeof address === 'object' && address ? address.port : config.http.port;
  return { app, ready: { url: config.http.publicUrl ?? `http://localhost:${port}`, port } };
});
