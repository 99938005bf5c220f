import { createServer, type RequestListener, type Server } from 'node:http';
import type { Logger } from '@throughline/platform';
import { ProvisioningHook } from './provisioning-hook.js';

const hook = new ProvisioningHook({ warn: () => undefined } as unknown as Logger);
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/hook`;
}

const question = {
  certificateId: 'ab',
  certificatePem: 'pem',
  templateName: 'rx',
  clientId: 'board',
  parameters: { SerialNumber: '7' },
};
const refused = { code: 'ACCESS_DENIED', answer: { statusCode: 403, errorCode: 'ACCESS_DENIED' } };

describe('the pre-provisioning hook', () => {
  it('is asked with what AWS IoT would ask, and its parameters are taken', async () => {
    let asked = '';
    const url = await serving((request, response) => {
      request.on('data', (chunk) => (asked += chunk));
      request.on('end', () => response.end('{"allowProvisioning":true,"parameterOverrides":{"Line":"B"}}'));
    });
    expect(await hook.ask(url, question)).toEqual({ Line: 'B' });
    expect(JSON.parse(asked)).toEqual(question);
  });

  it.each<[string, RequestListener]>([
    ['says no', (_, response) => response.end('{"allowProvisioning":false}')],
    ['says something else', (_, response) => response.end('{"allowProvisioning":"yes"}')],
    ['says nothing', (_, response) => response.end('')],
    ['fails', (_, response) => response.writeHead(500).end('{"allowProvisioning":true}')],
    ['sends elsewhere', (_, response) => response.writeHead(302, { location: '/else' }).end()],
    ['hangs up', (request) => request.socket.destroy()],
    ['never ends', (_, response) => response.write('{"allowProvisioning":true')],
    ['never answers', () => undefined],
    ['answers too much', (_, response) => response.end(`{"allowProvisioning":true,"x":"${'y'.repeat(100_000)}"}`)],
    [
      'overrides with no text',
      (_, response) => response.end('{"allowProvisioning":true,"parameterOverrides":{"a":1}}'),
    ],
  ])('refuses when it %s', async (_what, listener) => {
    await expect(hook.ask(await serving(listener), question, 300)).rejects.toMatchObject(refused);
  });

  it('refuses when nobody is there', async () => {
    const url = await serving(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    await expect(hook.ask(url, question)).rejects.toMatchObject(refused);
  });
});
