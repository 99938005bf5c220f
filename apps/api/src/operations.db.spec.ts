import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiUnderTest, startApi } from '../../../test/support/api.js';

const INLINE = 'document.documentElement.dataset.scheme = "light"';

describe('the API as a web server', () => {
  let api: ApiUnderTest;
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${api.url}${path}`, { headers });

  beforeAll(async () => {
    const portal = mkdtempSync(join(tmpdir(), 'throughline-portal-'));
    mkdirSync(join(portal, 'assets'));
    writeFileSync(
      join(portal, 'index.html'),
      `<html><script>${INLINE}</script><script src="/assets/app-1a2b.js"></script></html>`,
    );
    writeFileSync(join(portal, 'assets/app-1a2b.js'), 'console.log(1)');
    writeFileSync(join(portal, 'icon.svg'), '<svg/>');
    writeFileSync(join(portal, '..', 'throughline-outside.txt'), 'outside');
    api = await startApi({ PUBLIC_URL: 'https://service.example.test' }, undefined, portal);
  });

  afterAll(() => api.close());

  it('tells its health, readiness and metrics', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect(await (await get('/readyz')).json()).toEqual({ ready: true, checks: { database: 'ok' } });
    await api.signIn('admin');
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toMatch(/throughline_graphql_duration_seconds_count\{operation="mutation",outcome="ok"\} [1-9]/);
  });

  it.each(['/', '/machines', '/statements/0197-ab', '/index.html'])('gives the portal’s page for %s', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.text()).toContain('app-1a2b.js');
  });

  it('lets browsers keep files whose names change with their content, and others only after asking', async () => {
    const script = await get('/assets/app-1a2b.js');
    expect(script.headers.get('content-type')).toMatch(/javascript/);
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await get('/icon.svg')).headers.get('cache-control')).toBe('no-cache');
  });

  it.each([
    '/assets/gone.js',
    '/..%2fthroughline-outside.txt',
    '/%2e%2e/throughline-outside.txt',
    '/.env',
    '/assets/..%2f..%2fthroughline-outside.txt',
  ])('has nothing at %s', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('outside');
  });

  it('sends security headers with every answer', async () => {
    for (const path of ['/', '/healthz', '/assets/app-1a2b.js', '/assets/gone.js']) {
      const { headers } = await get(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('strict-transport-security')).toMatch(/max-age=31536000/);
    }
  });

  it('allows the page its own scripts only, and its inline one by hash', async () => {
    const policy = (await get('/')).headers.get('content-security-policy') ?? '';
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256').update(INLINE).digest('base64');
    expect(policy).toContain(`script-src 'self' 'sha256-${hash}'`);
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy).toContain("frame-ancestors 'none'");
  });

  it('gives every request an id, the caller’s own when it is safe', async () => {
    expect((await get('/healthz', { 'x-request-id': 'abc-123' })).headers.get('x-request-id')).toBe('abc-123');
    for (const bad of ['x'.repeat(100), 'a b', 'a"b'])
      expect((await get('/healthz', { 'x-request-id': bad })).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('sees a caller’s address through one proxy and no further', async () => {
    await api.post(
      { query: 'mutation { signIn(email: "x@y.test", password: "wrong") { accessToken } }' },
      { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' },
    );
    const { rows } = await api.database.pool.query(
      "select key from sign_in_attempt where key like 'address:%' order by key",
    );
    expect(rows.map((row) => row.key)).toContain('address:203.0.113.9');
    expect(rows.map((row) => row.key)).not.toContain('address:198.51.100.1');
  });
});

describe('the API without a built portal and without a public address', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApi({}, undefined, join(tmpdir(), 'throughline-no-portal'));
  });

  afterAll(() => api.close());

  it('says how to build the portal', async () => {
    const response = await fetch(api.url);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('npm run build');
    expect(response.headers.get('strict-transport-security')).toBeNull();
  });

  it('believes no forwarded address', async () => {
    await api.post(
      { query: 'mutation { signIn(email: "x@y.test", password: "wrong") { accessToken } }' },
      { 'x-forwarded-for': '198.51.100.1' },
    );
    const { rows } = await api.database.pool.query("select key from sign_in_attempt where key like 'address:198%'");
    expect(rows).toEqual([]);
  });

  it('has nothing elsewhere, said in one shape', async () => {
    const response = await fetch(`${api.url}/nothing/here`, { headers: { 'x-request-id': 'q' } });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      errors: [{ message: 'Cannot GET /nothing/here', extensions: { code: 'NOT_FOUND', requestId: 'q' } }],
    });
  });
});
