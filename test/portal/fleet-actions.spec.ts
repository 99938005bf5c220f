import { readFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import { connectAsync } from 'mqtt';
import type { Locator } from 'playwright-core';
import { factoryCa } from '../../apps/gateway/test/boards.js';
import type { Reader } from './reader.js';
import { portalVisits } from './visits.js';

/** An update waits for a device that downloads, restarts and measures; on a busy machine that takes its time. */
jest.setTimeout(400_000);

const { signedIn, mqttUrl } = portalVisits();

const rows = (reader: Reader): Locator => reader.page.locator('table.data[aria-busy="false"] tbody tr');
const dialogOf = (reader: Reader): Locator => reader.page.getByRole('dialog');
const pick = async (reader: Reader, label: string, option: string | RegExp) => {
  await dialogOf(reader)
    .getByLabel(new RegExp(`^${label}( \\*)?$`))
    .first()
    .click();
  await reader.page.getByRole('option', { name: option }).first().click();
};
const csv = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const openDevice = async (reader: Reader, thing: string, tab = ''): Promise<void> => {
  await reader.open(`/fleet/devices?query=thingName:${thing}`);
  const path = await rows(reader).getByRole('link', { name: thing, exact: true }).first().getAttribute('href');
  await reader.open(`${path}${tab && `?tab=${tab}`}`);
};
/** Opens what can be done with all that a query finds. */
const withAll = async (reader: Reader, query: string, action: RegExp): Promise<Locator> => {
  await reader.open(`/fleet/devices?query=${encodeURIComponent(query)}`);
  await reader.page.getByRole('button', { name: /^With all/ }).click();
  const dialog = dialogOf(reader);
  // The list opens with the focus that the dialog gives it, or with the click; a click on an open list closes it.
  const option = reader.page.getByRole('option', { name: action });
  for (let i = 0; i < 5 && !(await option.isVisible()); i += 1) {
    await dialog.getByLabel('What', { exact: true }).first().click();
    await option.waitFor({ timeout: 4_000 }).catch(() => undefined);
  }
  await option.click();
  await dialog.locator('[data-figure=targets]').waitFor();
  return dialog;
};
const spares = ['1', '2', '3', '4'].map((n) => `spare-${n}`);

describe('devices from a file', () => {
  it('are refused with each faulty row, written when there is none, and saved again', async () => {
    const reader = await signedIn('fleet');
    const { page } = reader;
    await reader.open('/fleet/devices');
    await page.getByRole('button', { name: 'Import' }).click();
    const dialog = dialogOf(reader);
    const file = page.locator('input[type=file]');
    await file.setInputFiles(csv('bad.csv', 'thing_name,model\nspare 1,compressor-rx90\nspare-2,no-such-model\n'));
    await dialog.getByText('2 faults. Nothing was written.').waitFor();
    expect(await dialog.locator('tbody tr').allInnerTexts()).toEqual([
      expect.stringMatching(/^2\s+thing_name\s+spare 1/),
      expect.stringMatching(/^3\s+model\s+no-such-model/),
    ]);
    expect(await dialog.getByRole('button', { name: 'Import' }).isDisabled()).toBe(true);
    expect(await reader.violations()).toEqual([]);
    const good = spares.map((name, at) => `${name},compressor-rx90,region=${at % 2 ? 'north' : 'south'}`);
    await file.setInputFiles(csv('good.csv', `thing_name,model,tags\n${good.join('\n')}\n`));
    await dialog.getByText('No fault. Would write 4 devices').waitFor();
    await dialog.getByRole('button', { name: 'Import' }).click();
    await dialog.getByText('Written: 4 devices').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await reader.open('/fleet/devices?query=thingName:spare-*');
    expect(await rows(reader).count()).toBe(4);
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    const lines = readFileSync(await saved.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[1]).toMatch(/^spare-1,compressor-rx90,.*region=south/);
  });
});

describe('many devices at once', () => {
  it('get a tag, and lose it', async () => {
    const reader = await signedIn('service');
    const dialog = await withAll(reader, 'thingName:spare-*', /^Set or remove a tag/);
    expect(await reader.text('[data-figure=targets]')).toBe('4 devices');
    await dialog.getByLabel('Key').fill('lot');
    await dialog.getByLabel('Value').fill('7');
    await dialog.getByRole('button', { name: 'Set on 4 devices' }).click();
    await dialog.getByText('4 of 4').waitFor();
    expect(await reader.violations()).toEqual([]);
    await reader.open('/fleet/devices?query=tags.lot:7');
    expect(await rows(reader).count()).toBe(4);
    const off = await withAll(reader, 'thingName:spare-1', /^Set or remove a tag/);
    await off.getByText('Remove', { exact: true }).click();
    await off.getByLabel('Key').fill('lot');
    await off.getByRole('button', { name: 'Remove from 1 device' }).click();
    await off.getByText('1 of 1').waitFor();
    await reader.open('/fleet/devices?query=tags.lot:7');
    expect(await rows(reader).count()).toBe(3);
  });

  it('are put into a group, which then stands in queries', async () => {
    const reader = await signedIn('service');
    const { page } = reader;
    await reader.open('/fleet/groups');
    await page.getByRole('button', { name: 'New group' }).click();
    await dialogOf(reader).getByLabel('Name').fill('Field trial');
    await dialogOf(reader).getByRole('button', { name: 'New group' }).click();
    await page.getByRole('link', { name: 'Field trial' }).waitFor();
    await reader.open('/fleet/devices?query=connectivity.connected:true');
    for (const at of [0, 1]) await rows(reader).nth(at).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'With the marked …' }).click();
    await pick(reader, 'What', 'Add to a group');
    await pick(reader, 'Group', 'Field trial');
    await dialogOf(reader).getByRole('button', { name: 'Add to the group' }).click();
    await dialogOf(reader).getByText('2 devices added to').waitFor();
    await reader.open('/fleet/devices?query=group:"Field trial" AND connectivity.connected:true');
    expect(await rows(reader).count()).toBe(2);
    await page.getByLabel('Search devices by query').fill('group:nobody');
    expect(await reader.text('.query-fault')).toMatch(/At position 7: there is no group/);
  });

  it('get a command, live to the end, and those that cannot are named', async () => {
    const reader = await signedIn('service');
    const dialog = await withAll(reader, 'group:"Field trial"', /^Send a command/);
    await pick(reader, 'Command', 'Set the report interval');
    await dialog.getByLabel('Seconds between readings').fill('5');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByText('“Set the report interval” goes to 2 devices').waitFor();
    await dialog.getByRole('button', { name: 'Send to 2 devices' }).click();
    await dialog.getByText('2 × Succeeded').waitFor({ timeout: 60_000 });
    await dialog.getByText('2 of 2').waitFor();
    expect(await reader.violations()).toEqual([]);
  });

  it('go into quarantine only after their number has been typed, and one comes out again', async () => {
    const reader = await signedIn('fleet');
    const dialog = await withAll(reader, 'thingName:spare-3 OR thingName:spare-4', /^Quarantine/);
    const confirm = dialog.getByRole('button', { name: 'Quarantine 2 devices' });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByLabel('Type 2 to confirm').fill('2');
    await confirm.click();
    await dialog.getByText('2 of 2').waitFor();
    await openDevice(reader, 'spare-3');
    await reader.page.getByRole('button', { name: 'Release from quarantine' }).click();
    await dialogOf(reader).getByRole('button', { name: 'Release from quarantine' }).click();
    await reader.page.getByRole('button', { name: 'Quarantine', exact: true }).waitFor();
    await reader.open('/fleet/devices?query=state:quarantined');
    expect(await rows(reader).allInnerTexts()).toEqual([expect.stringMatching(/^\s*spare-4/)]);
  });

  it('come out of quarantine together; those that are not in it are left as they are, and named', async () => {
    const reader = await signedIn('fleet');
    const enter = await withAll(reader, 'thingName:spare-3', /^Quarantine/);
    await enter.getByLabel('Type 1 to confirm').fill('1');
    await enter.getByRole('button', { name: 'Quarantine 1 device' }).click();
    await enter.getByText('1 of 1').waitFor();
    const leave = await withAll(reader, 'thingName:spare-3 OR thingName:spare-1', /^Release from quarantine/);
    await leave.getByRole('button', { name: 'Release 1 device' }).click();
    await leave.getByText('2 of 2').waitFor();
    await leave.getByText('spare-1: it is manufactured, not quarantined').waitFor();
    expect(await reader.violations()).toEqual([]);
  });

  it('get a job, followed by its devices', async () => {
    const reader = await signedIn('fleet');
    const dialog = await withAll(reader, 'thingName:spare-1', /^Start a job/);
    await dialog.getByLabel('Description').fill('Clean the filter');
    await dialog.getByLabel('Job document (JSON)').fill('{ "operation": "clean" }');
    await dialog.getByRole('button', { name: 'Queue for 1 device' }).click();
    await dialog.getByText('1 × Queued').waitFor();
    await openDevice(reader, 'spare-1', 'jobs');
    await reader.page.getByText('Clean the filter').waitFor();
    await reader.page.getByRole('button', { name: 'Cancel' }).click();
    await reader.page.getByText('Cancelled').waitFor();
  });
});

describe('what was set aside', () => {
  const seconds = (ago: number) => Date.now() - ago * 1_000;
  /** Sends as a device does, and waits until it is acknowledged. */
  const say = async (thing: string, ...messages: object[]): Promise<void> => {
    const options = { clientId: thing, username: thing, protocolVersion: 4 as const, reconnectPeriod: 0 };
    const client = await connectAsync(mqttUrl(), options, false);
    for (const message of messages)
      await client.publishAsync(`dt/${thing}/telemetry`, JSON.stringify(message), { qos: 1 });
    await client.endAsync();
  };
  const of = (seq: number, pressure: number) => ({
    ts: seconds(60 - seq),
    boot: 1,
    seq,
    m: { pressure_bar: pressure },
  });

  it('of a quarantined device is offered for replay with its release, and is stored', async () => {
    const reader = await signedIn('fleet');
    await say('spare-4', of(1, 7), of(2, 8));
    await openDevice(reader, 'spare-4');
    const { page } = reader;
    await page.getByText('2 messages of this device are set aside.').waitFor();
    await page.getByRole('button', { name: 'Release from quarantine' }).click();
    await dialogOf(reader).getByRole('button', { name: 'Release from quarantine' }).click();
    await dialogOf(reader).getByText('spare-4 is released. 2 messages of it were set aside').waitFor();
    await dialogOf(reader).getByRole('button', { name: 'Replay 2 messages' }).click();
    await dialogOf(reader).getByText('2 messages stored.').waitFor({ timeout: 30_000 });
    expect(await reader.violations()).toEqual([]);
    await dialogOf(reader).getByRole('button', { name: 'Close' }).last().click();
    await page.getByText('are set aside.').waitFor({ state: 'detached' });
    await page
      .getByText(/^Last message/)
      .first()
      .waitFor();
  });

  it('is one line a fault, is looked at as text and bytes, and is given up with a reason', async () => {
    const reader = await signedIn('service');
    await say('spare-4', ...Array.from({ length: 20 }, (_, i) => of(10 + i, 900 + i)));
    await reader.open('/fleet/ingest?thing=spare-4');
    const { page } = reader;
    expect(await rows(reader).allInnerTexts()).toEqual([
      expect.stringMatching(/out of range\s+m\.pressure_bar: must be from 0 to 16\s+Compressor RX-90\s+20\s+spare-4/),
    ]);
    expect(await reader.violations()).toEqual([]);
    await rows(reader).getByRole('button', { name: 'Look' }).click();
    await rows(reader).nth(19).waitFor();
    await rows(reader).first().getByRole('button', { name: 'Look' }).click();
    await page.getByText('"pressure_bar": 919').waitFor();
    await page.getByText('Hex', { exact: true }).click();
    await page.getByText(/^0000 {2}7b 22 74 73/).waitFor();
    expect(await reader.violations()).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    const discard = page.getByRole('button', { name: 'Discard 1 message' });
    expect(await discard.isDisabled()).toBe(true);
    await page.getByLabel('Why they are given up').fill('the sensor was broken');
    await discard.click();
    await page.getByText('1 message discarded.').waitFor({ timeout: 30_000 });
    await reader.open('/fleet/ingest?tab=tasks');
    expect(await rows(reader).first().innerText()).toMatch(/Discard\s+Because: the sensor was broken/);
    await reader.open('/fleet/ingest?tab=messages&thing=spare-4&state=discarded');
    expect(await rows(reader).count()).toBe(1);
  });
});

describe('one device', () => {
  it('gets a tag, and loses it', async () => {
    const reader = await signedIn('service');
    await openDevice(reader, 'spare-2');
    const { page } = reader;
    await page.getByLabel('Key').fill('bay');
    await page.getByLabel('Value').fill('12');
    await page.getByRole('button', { name: 'Set tag' }).click();
    await page.getByText('bay: 12').waitFor();
    await page.getByRole('button', { name: 'Remove tag bay' }).click();
    await page.getByText('bay: 12').waitFor({ state: 'detached' });
  });

  it('rotates its certificate by itself, is cut when it is revoked, and is swapped and retired', async () => {
    const reader = await signedIn('fleet');
    await openDevice(reader, 'DT-7');
    const { page } = reader;
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByText('Asked to rotate').waitFor();
    const certificates = page.locator('dl.interval');
    await certificates.nth(1).waitFor({ timeout: 60_000 });
    const revoke = page.getByRole('button', { name: 'Revoke' });
    while (await revoke.count()) {
      await revoke.first().click();
      const dialog = dialogOf(reader);
      expect(await dialog.getByRole('button', { name: 'Revoke' }).isDisabled()).toBe(true);
      await dialog.getByLabel('Type DT-7 to confirm').fill('DT-7');
      await dialog.getByRole('button', { name: 'Revoke' }).click();
      await dialog.waitFor({ state: 'detached' });
      await reader.settled();
    }
    await page.getByRole('heading', { level: 1 }).getByText('Not connected').waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Swap the controller' }).click();
    await pick(reader, 'Replacement', 'spare-2');
    expect(await reader.violations()).toEqual([]);
    await dialogOf(reader).getByRole('button', { name: 'Swap the controller' }).click();
    await page.getByRole('heading', { level: 1, name: /spare-2/ }).waitFor();
    await page.getByText('still installed').waitFor();
    await openDevice(reader, 'DT-7');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Retire' }).click();
    await dialogOf(reader).getByLabel('Type DT-7 to confirm').fill('DT-7');
    await dialogOf(reader).getByRole('button', { name: 'Retire' }).click();
    await page.getByText(/· Retired ·/).waitFor();
    expect(await page.getByRole('button', { name: 'Run self-test' }).count()).toBe(0);
  });
});

describe('provisioning', () => {
  it('makes a template and a claim batch, whose key is shown once, and ends it', async () => {
    const reader = await signedIn('fleet');
    const { page } = reader;
    await reader.open('/fleet/provisioning?tab=templates');
    await page.getByRole('button', { name: 'New template' }).click();
    const dialog = dialogOf(reader);
    await dialog.getByLabel('Name', { exact: false }).first().fill('rx90-factory');
    await pick(reader, 'Model', 'Compressor RX-90');
    await dialog.getByLabel('Thing name').fill('new-$' + '{SerialNumber}');
    await dialog.getByRole('button', { name: 'New template' }).click();
    await dialog.waitFor({ state: 'detached' });
    await rows(reader).getByText('rx90-factory').waitFor();
    await reader.open('/fleet/provisioning');
    await page.getByRole('button', { name: 'New claim batch' }).click();
    await dialog.getByLabel('Name', { exact: false }).first().fill('lot-7');
    await pick(reader, 'Template', 'rx90-factory');
    await dialog.getByLabel(/^Serial numbers/).fill('A1, A2\nA3');
    await dialog.getByText('3 serial numbers').waitFor();
    await dialog.getByRole('button', { name: 'New claim batch' }).click();
    await dialog.getByText('The private key is shown this once').waitFor();
    expect(await reader.violations()).toEqual([]);
    const [key] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Save key' }).click(),
    ]);
    expect(readFileSync(await key.path(), 'utf8')).toMatch(/^-----BEGIN (EC )?PRIVATE KEY-----/);
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    const row = rows(reader).filter({ hasText: 'lot-7' });
    await row.getByRole('button', { name: 'End' }).click();
    await dialog.getByLabel('Type lot-7 to confirm').fill('lot-7');
    await dialog.getByRole('button', { name: 'End' }).click();
    await row.getByText('Ended').waitFor();
  });

  it('registers a CA by its proof, says what is wrong with a false one, and ends it', async () => {
    const reader = await signedIn('fleet');
    const { page } = reader;
    const factory = await factoryCa();
    await reader.open('/fleet/provisioning?tab=cas');
    await page.getByRole('button', { name: 'Register CA' }).click();
    const dialog = dialogOf(reader);
    const proof = await factory.issue(`CN=${await dialog.locator('code').innerText()}`);
    await dialog.getByLabel('CA certificate (PEM)').fill(factory.certificatePem);
    await dialog.getByLabel('Verification certificate (PEM)').fill(factory.certificatePem);
    await pick(reader, 'Template', 'rx90-factory');
    await dialog.getByRole('button', { name: 'Register CA' }).click();
    await dialog.getByRole('alert').getByText('verificationPem').waitFor();
    await dialog.getByLabel('Verification certificate (PEM)').fill(proof.cert);
    await dialog.getByRole('button', { name: 'Register CA' }).click();
    await dialog.waitFor({ state: 'detached' });
    await rows(reader).getByRole('button', { name: 'End' }).click();
    await dialog.getByRole('button', { name: 'End' }).click();
    await rows(reader).getByText('Ended').waitFor();
  });
});

describe('an update', () => {
  it('is uploaded, released, started for a group and followed until every device runs it', async () => {
    const reader = await signedIn('fleet');
    const { page } = reader;
    const dialog = dialogOf(reader);
    await reader.open('/fleet/updates?tab=artefacts');
    await page.getByRole('button', { name: 'Upload artefact' }).click();
    const image = JSON.stringify({ version: '1.1.0', counter: 2, hardware: 'rx90-a', behaviour: 'normal' });
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'rx90-1.1.0.json', mimeType: 'application/json', buffer: Buffer.from(image) });
    await pick(reader, 'Model', 'Compressor RX-90');
    await dialog.getByLabel('Hardware').fill('rx90-a');
    await dialog.getByLabel('Version').fill('1.1.0');
    await dialog.getByLabel('Release counter').fill('2');
    await dialog.getByRole('button', { name: 'Upload artefact' }).click();
    await dialog.waitFor({ state: 'detached' });
    await rows(reader).getByText('rx90-1.1.0.json').waitFor();

    await page.getByRole('tab', { name: 'Releases' }).click();
    await page.getByRole('button', { name: 'New release' }).click();
    await pick(reader, 'Model', 'Compressor RX-90');
    // The field of a list of choices lies under the chosen ones.
    await dialog
      .getByLabel(/^Artefacts/)
      .first()
      .click({ force: true });
    await page.getByRole('option', { name: /^rx90-1\.1\.0\.json/ }).click();
    await page.keyboard.press('Escape');
    await dialog.getByLabel('Notes').fill('Quieter fan');
    expect(await dialog.getByLabel('Version').inputValue()).toBe('1.1.0');
    await dialog.getByRole('button', { name: 'Make a draft' }).click();
    await dialog.waitFor({ state: 'detached' });
    await rows(reader).getByRole('button', { name: 'Publish' }).click();
    await dialog.getByLabel('Type 1.1.0 to confirm').fill('1.1.0');
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await rows(reader).getByText('Published').waitFor();

    await page.getByRole('button', { name: 'Start a release' }).click();
    await pick(reader, 'Group', 'Field trial');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByText('2 devices of 2 can get 1.1.0').waitFor();
    await dialog.getByRole('button', { name: 'Start the release' }).click();
    await page.waitForURL(/\/fleet\/updates\/.+/);
    await reader.settled();
    expect(await reader.heading()).toMatch(/^1\.1\.0: /);
    await page.getByRole('heading', { name: '1.1.0: every device is done.' }).waitFor({ timeout: 180_000 });
    await page.getByRole('button', { name: '2 Succeeded' }).waitFor();
    expect(await reader.violations()).toEqual([]);
    await reader.open('/fleet/devices?query=firmware:1.1.0');
    expect(await rows(reader).count()).toBe(2);
  });
});

describe('the pages of the fleet console', () => {
  /** Of a list the first page of one of its rows. */
  const pathsOf = async (reader: Reader): Promise<string[]> => {
    const ofRow = async (list: string) => {
      await reader.open(list);
      const link = rows(reader)
        .locator(`a[href^="${list.replace(/\?.*/, '')}/"]`)
        .first();
      return (await link.getAttribute('href')) ?? '';
    };
    const device = await ofRow('/fleet/devices?query=group:"Field trial"');
    return [
      '/fleet/machines',
      '/fleet/devices',
      '/fleet/devices?query=nobody-is-called-so',
      ...[device, `${device}?tab=shadow`, `${device}?tab=commands`, `${device}?tab=jobs`],
      '/fleet/groups',
      await ofRow('/fleet/groups'),
      ...['', '?tab=templates', '?tab=attempts&show=all', '?tab=cas'].map((tab) => `/fleet/provisioning${tab}`),
      ...['', '?tab=releases', '?tab=artefacts'].map((tab) => `/fleet/updates${tab}`),
      await ofRow('/fleet/updates'),
      '/fleet/diagnostics',
      await ofRow('/fleet/diagnostics'),
      ...['', '?tab=messages&state=discarded', '?tab=tasks'].map((tab) => `/fleet/ingest${tab}`),
    ];
  };

  it('have what they show: a self-test of many', async () => {
    const reader = await signedIn('service');
    await reader.open('/fleet/diagnostics');
    await reader.page.getByRole('button', { name: 'Run self-test' }).click();
    await pick(reader, 'Group', 'Field trial');
    await dialogOf(reader).getByRole('button', { name: 'Continue' }).click();
    await dialogOf(reader).getByRole('button', { name: 'Test 2 devices' }).click();
    await reader.page.waitForURL(/\/fleet\/diagnostics\/.+/);
    await reader.page.locator('[data-run=passed], [data-run=failed]').nth(1).waitFor({ timeout: 60_000 });
    await reader.open('/fleet/diagnostics');
    expect(await rows(reader).count()).toBe(2);
  });

  it.each([
    ['by day', {}, undefined],
    // Only colours are other ones.
    ['at night', { dark: true }, ['color-contrast']],
    // Only places and sizes are other ones.
    ['on a telephone', { width: 390 }, ['target-size', 'scrollable-region-focusable']],
  ])(
    'hold together %s: no sideways scrolling, nothing that axe finds, no error in the console',
    async (_, options, rules) => {
      const reader = await signedIn('fleet', options);
      const found: string[] = [];
      for (const path of await pathsOf(reader)) {
        await reader.open(path);
        const overflow = await reader.overflow();
        if (overflow > 0) found.push(`${path} is ${overflow} px too wide`);
        found.push(...(await reader.violations(rules)).map((violation) => `${path}: ${violation}`));
      }
      expect(found).toEqual([]);
    },
  );

  it('say what failed, and go on when they are told to try again', async () => {
    const reader = await signedIn('fleet');
    const { page } = reader;
    await reader.open('/fleet/groups');
    await page.route('**/graphql', (route) =>
      route.request().postData()?.includes('RecentRuns')
        ? route.fulfill({
            status: 200,
            json: { errors: [{ message: 'out of order', extensions: { code: 'INTERNAL' } }] },
          })
        : route.continue(),
    );
    await page.getByRole('link', { name: 'Diagnostics' }).click();
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    expect(await reader.violations()).toEqual([]);
    await page.unroute('**/graphql');
    await page.getByRole('button', { name: 'Try again' }).click();
    await rows(reader).first().waitFor();
  });
});
