import { parseArgs } from 'node:util';
import { startStripeEmulator } from './emulator.js';

const USAGE =
  'usage: stripe-emulator [--port N] [--host H] [--state-file FILE] [--webhook-url URL --webhook-secret SECRET] [--customers-pay-with pm_card_visa]';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    'state-file': { type: 'string' },
    'webhook-url': { type: 'string' },
    'webhook-secret': { type: 'string' },
    'customers-pay-with': { type: 'string' },
  },
});
const port = Number(values.port);
const url = values['webhook-url'];
const secret = values['webhook-secret'];
if (!Number.isInteger(port) || port < 0 || port > 65_535 || (url === undefined) !== (secret === undefined)) {
  console.error(USAGE);
  process.exit(2);
}

const emulator = await startStripeEmulator({
  port,
  host: values.host,
  ...(values['state-file'] ? { stateFile: values['state-file'] } : {}),
  ...(values['customers-pay-with'] ? { customersPayWith: values['customers-pay-with'] } : {}),
  ...(url !== undefined && secret !== undefined ? { webhook: { url, secret } } : {}),
});

let stopping = false;
const stop = (): void => {
  if (stopping) return;
  stopping = true;
  emulator.close().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
// A parent that dies takes its channel with it.
process.on('disconnect', stop);

const ready = { ready: true, service: 'stripe-emulator', url: emulator.url };
console.log(JSON.stringify(ready));
// A parent that is gone by now hears nothing: its closed channel is no fault of ours, and `disconnect` stops us in order.
process.send?.(ready, undefined, undefined, () => {});
