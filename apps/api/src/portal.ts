import { existsSync, readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { contentSecurityPolicy } from './headers.js';

const A_YEAR = 'public, max-age=31536000, immutable';

/**
 * Serves the built portal from `root`: files whose names carry a hash for a year, other files and the page itself checked each
 * time. Addresses without a file ending are pages of the portal and get its one document; a missing file is 404.
 */
export async function servePortal(http: FastifyInstance, root: string): Promise<void> {
  if (!existsSync(join(root, 'index.html'))) {
    http.get('/', async (_request, reply) =>
      reply.status(503).type('text/plain').send('The portal is not built yet: run "npm run build".\n'),
    );
    return;
  }
  const index = join(root, 'index.html');
  let policy = { html: '', text: '' };
  const page = async (): Promise<{ html: string; text: string }> => {
    const html = await readFile(index, 'utf8');
    if (html !== policy.html) policy = { html, text: contentSecurityPolicy(html) };
    return policy;
  };
  policy = { html: readFileSync(index, 'utf8'), text: contentSecurityPolicy(readFileSync(index, 'utf8')) };

  await http.register(fastifyStatic, { root, serve: false, cacheControl: false });
  http.get<{ Params: { '*': string } }>('/*', async (request, reply) => {
    const path = request.params['*'];
    const lastPart = path.split('/').at(-1) ?? '';
    if (lastPart.includes('.') && path !== 'index.html') {
      const file = join(root, path);
      const isFile = file.startsWith(root) && ((await stat(file).catch(() => undefined))?.isFile() ?? false);
      if (!isFile) return reply.status(404).send({ error: { code: 'NOT_FOUND', message: 'There is no such file' } });
      return reply.header('cache-control', path.startsWith('assets/') ? A_YEAR : 'no-cache').sendFile(path);
    }
    const { html, text } = await page();
    return reply
      .header('cache-control', 'no-cache')
      .header('content-security-policy', text)
      .type('text/html; charset=utf-8')
      .send(html);
  });
}
