import { main } from './cli.js';

await main(process.argv.slice(2));
// All is written and told. A process left to end by itself runs the finalizers of the SDK's native part, and those of a client that
// was closed while its connection was may wait for a lock that their own thread holds.
process.stdout.write('', () => process.exit());
