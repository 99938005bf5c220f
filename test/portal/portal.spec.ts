import { mkdirSync } from 'node:fs';
import { jest } from '@jest/globals';
import { portalVisits } from './visits.js';

const pictures = new URL('../../apps/portal/docs/', import.meta.url).pathname;
const greatestPictureBytes = 150_000;

/** A page walk waits for many answers; on a busy machine they take their time. */
jest.setTimeout(90_000);

const { signedIn } = portalVisits();
const cents = (text: string): number =>
  Number(text.replace(/[^\d.]/g, '').replace('.', '')) * (/[−-]/.test(text) ? -1 : 1);

beforeAll(() => mkdirSync(pictures, { recursive: true }));

describe('the customer', () => {
  it('reads in the first line how the machines are, and each figure beside its guarantee', async () => {
    const reader = await signedIn('owner');
    await reader.open('/overview');
    expect(await reader.heading()).toMatch(/(guarantee|down|report|available)\.$/);
    const cards = await reader.page.locator('.stat').allInnerTexts();
    expect(cards).toHaveLength(4);
    expect(cards[0]).toMatch(/\d+\.\d\d %[\s\S]*guaranteed \d+/);
    expect(cards[1]).toMatch(/\d+\s*of \d+ available/);
    expect(cards[2]).toMatch(/bill so far €[\d,]+\.\d\d/);
    const rows = await reader.page.locator('table.data tbody tr').allInnerTexts();
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toMatch(/\d+\.\d+ %[\s\S]*(met|below)|–|none/);
    expect(await reader.page.locator('table.data .strip > i').count()).toBeGreaterThan(rows.length);
    expect(await reader.violations()).toEqual([]);
    expect(await reader.picture(`${pictures}overview.png`)).toBeLessThan(greatestPictureBytes);
  });

  it('sees of a machine its state over time, down to the messages, and an availability that adds up', async () => {
    const reader = await signedIn('owner');
    await reader.open('/overview');
    await reader.page.locator('table.data tbody a').first().click();
    await reader.page.waitForURL(/\/machines\/.+/);
    await reader.settled();
    const strip = reader.page.getByRole('listbox', { name: /^Timeline/ });
    await strip.focus();
    await reader.page.keyboard.press('End');
    for (let i = 0; i < 12 && !(await reader.page.getByText(/^boot \d+, seq \d+$/).count()); i += 1)
      await reader.page.keyboard.press('ArrowLeft');
    expect(await reader.text('.interval')).toMatch(/boot \d+, seq \d+/);

    await reader.text('[data-figure=contractual]');
    const column = await reader.page.locator('.column:has([data-figure=contractual]) li').allInnerTexts();
    const minutes = (name: RegExp) =>
      column
        .filter((line) => name.test(line))
        .reduce((all, line) => all + Number(line.replace(/[\s\S]*?([\d,]+) min$/, '$1').replace(/,/g, '')), 0);
    expect(minutes(/^Time in the month/) - minutes(/^(?!Raw).*excluded|^Outside|^Not measured/)).toBe(
      minutes(/^Measured time/),
    );
    const lost = column.slice(
      column.findIndex((l) => l.startsWith('Measured')) + 1,
      column.findIndex((l) => l.startsWith('Available')),
    );
    const down = lost.reduce(
      (all, line) => all + Number(line.replace(/[\s\S]*− ([\d,]+) min$/, '$1').replace(/,/g, '')),
      0,
    );
    expect(minutes(/^Measured time/) - down).toBe(minutes(/^Available time/));
    expect(await reader.text('[data-figure=contractual]')).toMatch(/^\d+\.\d+ %$/);
    await reader.page.locator('.uplot').first().waitFor();
    expect(await reader.violations()).toEqual([]);
    expect(await reader.picture(`${pictures}machine.png`)).toBeLessThan(greatestPictureBytes);
  });

  it('reads of a past month what interrupted the machine longest', async () => {
    const reader = await signedIn('owner');
    await reader.open('/overview');
    await reader.page.locator('table.data tbody a').nth(2).click();
    await reader.page.waitForURL(/\/machines\/.+/);
    await reader.settled();
    await reader.page.getByRole('button', { name: 'Previous' }).click();
    await reader.page.getByRole('button', { name: /^Show all/ }).waitFor();
    expect(await reader.page.locator('.log li').count()).toBe(6);
    expect(await reader.page.getByText('This could not be loaded').count()).toBe(0);
  });

  it('follows a line of the statement to the messages that earned it', async () => {
    const reader = await signedIn('owner');
    await reader.open('/statements');
    await reader.page.locator('table.data tbody a').first().click();
    await reader.page.waitForURL(/\/statements\/.+/);
    await reader.settled();
    expect(await reader.heading()).toMatch(/^Statement, \w+ \d{4}/);
    const amounts = await reader.page.locator('table.data tbody td:last-child').allInnerTexts();
    expect(amounts.reduce((all, text) => all + cents(text), 0)).toBe(cents(await reader.text('[data-figure=total]')));

    await reader.page.getByRole('button', { name: 'Open evidence' }).waitFor();
    expect(await reader.violations()).toEqual([]);
    expect(await reader.picture(`${pictures}statement.png`)).toBeLessThan(greatestPictureBytes);
    await reader.page.getByRole('button', { name: 'Open evidence' }).click();
    const drawer = reader.page.getByRole('dialog');
    const machine = drawer.locator('tbody tr.pick').first();
    const windows = drawer.getByRole('button', { name: /^\d+ messages? of/ });
    await machine.or(windows.first()).first().waitFor();
    if (await machine.count()) await machine.click();
    await windows.first().click();
    const message = drawer.locator('tr[data-message]').first();
    await message.waitFor();
    expect(await message.getAttribute('data-message')).toMatch(/^\d+\/\d+$/);
    expect(await message.innerText()).toMatch(/output_m3/);
    expect(await reader.violations()).toEqual([]);
  });

  it('finds all of it at night and on a telephone', async () => {
    const dark = await signedIn('owner', { dark: true });
    await dark.open('/overview');
    expect(await dark.violations()).toEqual([]);
    expect(await dark.picture(`${pictures}overview-dark.png`)).toBeLessThan(greatestPictureBytes);
    const phone = await signedIn('owner', { width: 390 });
    for (const path of ['/overview', '/machines', '/statements']) {
      await phone.open(path);
      expect([path, await phone.overflow()]).toEqual([path, 0]);
      expect(await phone.violations()).toEqual([]);
    }
  });

  it('scrolls sideways on no page, however narrow', async () => {
    const reader = await signedIn('owner', { width: 320 });
    for (const path of ['/overview', '/machines', '/statements']) {
      await reader.open(path);
      expect([path, await reader.overflow()]).toEqual([path, 0]);
    }
  });

  it('is shown no link that refuses, and is told when an address does', async () => {
    const reader = await signedIn('viewer');
    await reader.open('/overview');
    expect(await reader.page.getByRole('banner').getByRole('link').allInnerTexts()).toEqual([
      'Throughline',
      'Overview',
      'Machines',
    ]);
    await reader.open('/finance/plans');
    expect(await reader.heading()).toBe('This is not open to your role');
    await reader.open('/nowhere');
    expect(await reader.heading()).toBe('There is nothing at this address');
  });
});

describe('finance', () => {
  it('makes a plan, hears each rule as it types, sees what it would have billed, and publishes it by its name', async () => {
    const reader = await signedIn('finance');
    const { page } = reader;
    const name = 'Air, tried by a test';
    await reader.open('/finance/plans');
    expect(await reader.violations()).toEqual([]);
    await page.getByRole('button', { name: 'New plan' }).first().click();
    await page.getByLabel('Name of the plan').fill(name);
    await page.getByRole('dialog').getByRole('button', { name: 'New plan' }).click();
    await page.waitForURL(/\/finance\/plans\/.+/);
    await reader.settled();
    const amount = page.getByLabel('Amount a month');
    await amount.fill('-149');
    await page.getByText('A price may not be negative.').waitFor();
    expect(await page.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(true);
    expect(await reader.violations()).toEqual([]);

    await page.getByRole('link', { name: 'Contracts' }).click();
    await page.waitForURL(/\/finance\/contracts$/);
    await page.goBack();
    await page.getByText('Not saved yet').waitFor();
    expect(await amount.inputValue()).toBe('-149');
    await amount.fill('149.00');
    await page.getByText('A price may not be negative.').waitFor({ state: 'detached' });
    expect(await reader.text('[data-figure=preview-total]')).toMatch(/€[\d,]+\.\d\d/);
    expect(await reader.violations()).toEqual([]);
    await page.getByRole('button', { name: 'Publish' }).click();
    const dialog = page.getByRole('dialog');
    const confirm = dialog.getByRole('button', { name: 'Publish' });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill(name);
    await confirm.click();
    await page.getByText('version 1, published').waitFor();
    expect(await page.getByLabel('Amount a month').count()).toBe(0);
  });

  it('sees what contracts have earned so far, and that closing a closed month books nothing', async () => {
    const reader = await signedIn('finance');
    const { page } = reader;
    await reader.open('/finance/contracts');
    await page.locator('table.data tbody a').first().click();
    await page.waitForURL(/\/finance\/contracts\/.+/);
    await reader.settled();
    const number = (await reader.heading()).split('\n')[0]?.trim() ?? '';
    await page.getByText(/^Accrued in/).waitFor();
    expect(await reader.violations()).toEqual([]);
    await page.getByRole('button', { name: 'Close a month' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Month', { exact: true }).first().click();
    await page
      .getByRole('option', { name: /booked/ })
      .first()
      .click();
    await dialog.getByLabel(/^Type/).fill(number);
    await dialog.getByRole('button', { name: 'Close the month' }).click();
    await page.getByText('Everything was booked already').waitFor();
  });

  it('sees the statements of every customer', async () => {
    const reader = await signedIn('finance');
    await reader.open('/finance/statements');
    const customers = new Set(await reader.page.locator('table.data tbody td:nth-child(2)').allInnerTexts());
    expect(customers.size).toBeGreaterThan(1);
    expect(await reader.violations()).toEqual([]);
  });

  it('reads a published plan', async () => {
    const reader = await signedIn('finance');
    await reader.open('/finance/plans');
    await reader.page.locator('table.data tbody a').first().click();
    await reader.page.waitForURL(/\/finance\/plans\/.+/);
    await reader.settled();
    await reader.text('[data-figure=preview-total]');
    expect(await reader.picture(`${pictures}plan.png`)).toBeLessThan(greatestPictureBytes);
  });
});

describe('fleet', () => {
  it('sees who is connected, and of a device its certificate, presence and place', async () => {
    const reader = await signedIn('fleet');
    const { page } = reader;
    await reader.open('/fleet/machines');
    expect(await page.locator('table.data tbody tr').count()).toBeGreaterThan(0);
    expect(await reader.violations()).toEqual([]);
    await reader.open('/fleet/devices?query=connectivity.connected:true');
    expect(await page.locator('table.data tbody tr').first().innerText()).toMatch(/Connected[\s\S]*(just now|ago)/);
    expect(await reader.violations()).toEqual([]);
    expect(await reader.picture(`${pictures}devices.png`)).toBeLessThan(greatestPictureBytes);
    await page.locator('table.data tbody a').first().click();
    await page.waitForURL(/\/fleet\/devices\/.+/);
    await reader.settled();
    await page
      .getByText(/[0-9a-f:]{40,}/i)
      .first()
      .waitFor();
    await page.getByText('still connected').first().waitFor();
    await page.getByText('still installed').first().waitFor();
    expect(await reader.violations()).toEqual([]);
    expect(await reader.picture(`${pictures}device.png`)).toBeLessThan(greatestPictureBytes);
  });

  it('sees what did not fit, or that everything did', async () => {
    const reader = await signedIn('fleet');
    await reader.open('/fleet/ingest');
    expect(await reader.heading()).toMatch(/set aside\.$|^Every message fitted\.$/);
    expect(await reader.violations()).toEqual([]);
  });
});
