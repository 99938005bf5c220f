// Transpiles what is stale: every workspace's TypeScript to its dist/, then (unless --server is given) the portal.
// Types are checked by `npm run types`.
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { transformFile } from '@swc/core';

const root = import.meta.dirname;
const options = JSON.parse(await readFile(join(root, '.swcrc'), 'utf8'));
delete options.$schema;

/** Folder of sources → folder of output, for every package but the portal (Vite builds that one). */
async function packages() {
  const children = async (folder) =>
    (await readdir(join(root, folder), { withFileTypes: true }))
      .filter((e) => e.isDirectory())
      .map((e) => `${folder}/${e.name}`);
  const folders = [...(await children('libs')), ...(await children('apps')), 'test/stripe-emulator'];
  return [
    ...folders
      .filter((f) => f !== 'apps/portal')
      .map((f) => ({ from: join(root, f, 'src'), to: join(root, f, 'dist') })),
    { from: join(root, 'prisma-free-schema'), to: join(root, 'prisma-free-schema/dist') },
  ];
}

async function sources(folder, out = []) {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await sources(path, out);
    else if (path.endsWith('.ts') && !path.endsWith('.spec.ts') && !path.endsWith('.d.ts')) out.push(path);
  }
  return out;
}

const changedAt = async (path) => (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;

let built = 0;
for (const { from, to } of await packages()) {
  await Promise.all(
    (await sources(from)).map(async (source) => {
      const target = join(to, relative(from, source)).replace(/\.ts$/, '.js');
      if ((await changedAt(target)) > (await changedAt(source))) return;
      const { code, map } = await transformFile(source, { ...options, swcrc: false, filename: source });
      await mkdir(dirname(target), { recursive: true });
      await writeFile(`${target}.map`, map);
      await writeFile(target, `${code}\n//# sourceMappingURL=${target.split('/').pop()}.map\n`);
      built += 1;
    }),
  );
}

const newest = async (folder) => {
  let latest = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []))
    if (entry.isFile() && !/(dist|node_modules)/.test(entry.parentPath.slice(root.length)))
      latest = Math.max(latest, await changedAt(join(entry.parentPath, entry.name)));
  return latest;
};
const portal = join(root, 'apps/portal');
if (
  !process.argv.includes('--server') &&
  (await changedAt(join(portal, 'index.html'))) &&
  (await newest(portal)) > (await changedAt(join(portal, 'dist/index.html')))
) {
  const { build } = await import('vite');
  await build({ root: portal, logLevel: 'warn' });
  built += 1;
}
console.log(built ? `built ${built} files` : 'nothing stale');
