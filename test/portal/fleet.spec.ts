import { jest } from '@jest/globals';
import type { Reader } from './reader.js';
import { portalVisits } from './visits.js';

/** A page walk waits for many answers; on a busy machine they take their time. */
jest.setTimeout(240_000);

const { signedIn } = portalVisits();

const connected = '/fleet/devices?query=connectivity.connected:true';
/** Opens the first device that is connected. */
const openDevice = async (reader: Reader): Promise<string> => {
  await reader.open(connected);
  const link = reader.page.locator('table.data tbody a').first();
  await link.waitFor();
  const path = (await link.getAttribute('href')) ?? '';
  await reader.open(path);
  return path;
};

describe('the fleet console', () => {
  it('finds devices by a query, and shows where a query is wrong', async () => {
    const reader = await signedIn('fleet');
    await reader.open('/fleet/devices');
    const { page } = reader;
    const field = page.getByLabel('Search devices by query');
    await field.fill('model:compressor-rx90 AND (');
    expect(await reader.text('.query-fault')).toMatch(/At position 28: expected/);
    expect(await reader.violations()).toEqual([]);
    await field.fill('connectivity.connected:true');
    await page.locator('.query-fault').waitFor({ state: 'detached' });
    await page.waitForURL(/query=connectivity/);
    await page.locator('table.data[aria-busy="false"] tbody tr').first().waitFor();
    for (const row of await page.locator('table.data tbody tr').allInnerTexts()) expect(row).toMatch(/Connected/);
  });

  it('previews whom a self-test is for, follows it to its result, and leaves it on the machine', async () => {
    const reader = await signedIn('service');
    await openDevice(reader);
    const { page } = reader;
    await page.getByRole('button', { name: 'Run self-test' }).click();
    const dialog = page.getByRole('dialog');
    expect(await reader.text('[data-figure=targets]')).toBe('1 device');
    await dialog.getByRole('button', { name: 'Test 1 device' }).click();
    await page.waitForURL(/\/fleet\/diagnostics\/.+/);
    await page.locator('[data-run=passed], [data-run=failed]').waitFor({ timeout: 60_000 });
    await page.getByText(/^Log, \d+ lines$/).click();
    expect(await reader.text('pre.payload')).toMatch(/self-test begins[\s\S]*self-test ends/);
    expect(await reader.violations()).toEqual([]);
    await page.locator('[data-run] a').click();
    await page.waitForURL(/\/fleet\/machines\/.+/);
    await page.locator('[data-run]').first().waitFor();
  });

  it('changes desired state after showing what will change, and names who did it', async () => {
    const reader = await signedIn('fleet');
    await reader.open(`${await openDevice(reader)}?tab=shadow`);
    const { page } = reader;
    await page.getByRole('button', { name: /Say what is desired|Edit desired state/ }).click();
    const dialog = page.getByRole('dialog');
    const text = dialog.getByLabel('Desired');
    await text.fill('{ "interval": ');
    await dialog.getByText(/^Write a JSON object/).waitFor();
    await text.fill('{ "interval": 30 }');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    expect(await dialog.locator('.changes').innerText()).toMatch(/interval: 30/);
    await dialog.getByRole('button', { name: 'Change desired state' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await reader.text('[data-document=Delta]')).toMatch(/"interval": 30/);
    await page
      .getByText(/version 1 · .+ \{"interval":30\}|\{"interval":30\}/)
      .first()
      .waitFor();
  });

  it('sends a command by a form made of its schema, and sees it succeed', async () => {
    const reader = await signedIn('service');
    await reader.open(`${await openDevice(reader)}?tab=commands`);
    const { page } = reader;
    await page.getByLabel('Command', { exact: true }).first().click();
    await page.getByRole('option', { name: 'Set the report interval' }).click();
    const send = page.getByRole('button', { name: 'Send' });
    expect(await send.isDisabled()).toBe(true);
    await page.getByLabel('Seconds between readings').fill('5');
    await send.click();
    const row = page.locator('[data-execution=set-report-interval]').first();
    await row.getByText('Succeeded').waitFor({ timeout: 60_000 });
    expect(await row.innerText()).toMatch(/seconds: 5/);
  });

  it('makes a dynamic group that tells how many are in it', async () => {
    const reader = await signedIn('service');
    await reader.open('/fleet/groups');
    const { page } = reader;
    await page.getByRole('button', { name: 'New group' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Connected now');
    await dialog.getByText('Dynamic', { exact: true }).click();
    await dialog.getByLabel('Query').fill('connectivity.connected:true');
    await dialog.getByText(/^Found: /).waitFor();
    await dialog.getByRole('button', { name: 'New group' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Connected now' }).click();
    await page.locator('table.data tbody tr').first().waitFor();
    expect(await reader.violations()).toEqual([]);
  });

  it('shows service no link and no button that would refuse', async () => {
    const reader = await signedIn('service');
    await reader.open('/fleet/updates?tab=releases');
    expect(await reader.page.getByRole('button', { name: 'New release' }).count()).toBe(0);
    expect(await reader.page.getByRole('navigation', { name: 'Pages' }).getByText('Provisioning').count()).toBe(0);
  });
});
