// What `npm start` and `npm test` run first, with the machine's own Node (20 or newer) and nothing installed:
// installs the packages when the lock file changed, builds what is stale, then goes on with the pinned Node.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const [task, ...args] = process.argv.slice(2);
const node = join(root, 'node_modules/.bin/node');
const marker = join(root, 'node_modules/.installed');

const usage = `npm start -- [options]     starts Throughline on this machine with a demo fleet

  --data DIR    where everything is kept (default .data)
  --no-demo     no demo customers, machines or fleet
  --help        this text

Settings come from the environment; .env.example lists them.`;

if (Number(process.versions.node.split('.')[0]) < 20)
  stopWith(`Node 20 or newer is needed; this is ${process.version}`);
if (task === 'start' && (args.includes('--help') || args.includes('-h'))) {
  console.log(usage);
  process.exit(0);
}

install();
run(node, task === 'start' ? ['build.mjs'] : ['build.mjs', '--server'], 'Building what is stale');
if (task === 'start') hand(node, ['apps/cli/dist/main.js', 'up', ...args]);
else if (task === 'test')
  hand(node, [
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--selectProjects',
    'unit',
    'db',
    'scenario',
    ...args,
  ]);
else stopWith(`unknown task ${task}`);

function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(node) && existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  // Not `npm ci`: the lock file names the native packages of the platform it was made on only, and `ci` takes that for a fault;
  // `install` keeps to the locked versions and adds this platform's.
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  run(
    npm[0],
    [...npm.slice(1), 'install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'],
    'Installing packages (once, about a minute)',
  );
  writeFileSync(marker, wanted);
}

function run(command, parameters, what) {
  const started = Date.now();
  process.stdout.write(`${what} … `);
  const result = spawnSync(command, parameters, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  if (result.status !== 0)
    stopWith(`failed\n${result.error?.message ?? ''}${result.stdout ?? ''}${result.stderr ?? ''}`);
  process.stdout.write(`${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

/** Goes on in a child; signals are passed on, so that a stop is in order however it was asked for. */
function hand(command, parameters) {
  // Compiled code is kept between starts: four processes load some thousand modules each.
  const env = { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled'), ...process.env };
  const child = spawn(command, parameters, { cwd: root, stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

function stopWith(text) {
  console.error(text);
  process.exit(1);
}
