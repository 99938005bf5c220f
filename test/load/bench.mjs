// npm run bench -- <name>: measures one thing on this machine; the last line is one JSON object.
const benches = {
  ingest: async () => (await import('./ingest.bench.mjs')).ingest,
  'device-plane': async () => (await import('./device-plane.bench.mjs')).devicePlane,
  'device-search': async () => (await import('./device-search.bench.mjs')).deviceSearch,
};

const [name, ...options] = process.argv.slice(2);
if (!name || !benches[name]) {
  console.error(
    `usage: npm run bench -- <${Object.keys(benches).join(' | ')}> [--connections N] [--seconds N] [--devices N]`,
  );
  process.exit(2);
}
const numberOf = (option) => {
  const at = options.indexOf(`--${option}`);
  return at < 0 ? undefined : Number(options[at + 1]);
};
const run = await benches[name]();
const result = await run({
  connections: numberOf('connections'),
  seconds: numberOf('seconds'),
  devices: numberOf('devices'),
  flags: options.includes('--profile') ? ['--cpu-prof', '--cpu-prof-dir=/tmp/throughline-profile'] : [],
});
console.log(JSON.stringify(result));
process.exit(0);
