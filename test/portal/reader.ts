import { existsSync, statSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Account } from './demo.js';

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function openBrowser(): Promise<Browser> {
  const executablePath = browsers.find((path) => existsSync(path));
  if (!executablePath) throw new Error(`no Chromium found; looked for ${browsers.join(', ')}`);
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
}

export interface ReaderOptions {
  readonly dark?: boolean;
  readonly width?: number;
}

/** Somebody at the portal: a page that is signed in, and whatever went wrong in it. */
export class Reader {
  readonly faults: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly base: string,
  ) {
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text());
    });
  }

  static async signedIn(
    browser: Browser,
    base: string,
    account: Account,
    options: ReaderOptions = {},
  ): Promise<Reader> {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1360, height: 860 },
      colorScheme: options.dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
      locale: 'en-GB',
      timezoneId: 'Europe/Amsterdam',
    });
    const reader = new Reader(await context.newPage(), base);
    await reader.page.goto(`${base}/sign-in`);
    await reader.page.getByLabel('E-mail').fill(account.email);
    await reader.page.getByLabel('Password', { exact: true }).fill(account.password);
    await reader.page.getByRole('button', { name: 'Sign in' }).click();
    await reader.page.getByRole('banner').waitFor();
    return reader;
  }

  /** Opens an address and waits until no skeleton is left. */
  async open(path: string): Promise<void> {
    await this.page.goto(this.base + path);
    await this.settled();
  }

  async settled(): Promise<void> {
    await this.page.getByRole('heading', { level: 1 }).first().waitFor();
    await this.page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
  }

  heading(): Promise<string> {
    return this.page.getByRole('heading', { level: 1 }).first().innerText();
  }

  /** Text of an element once it is there. */
  async text(selector: string): Promise<string> {
    const found = this.page.locator(selector).first();
    await found.waitFor();
    return found.innerText();
  }

  /** Violations of WCAG 2.2 AA that axe finds, of all its rules or those named, as lines a person can act on. */
  async violations(rules?: string[]): Promise<string[]> {
    const axe = new AxeBuilder({ page: this.page });
    const { violations } = await (rules
      ? axe.withRules(rules)
      : axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    ).analyze();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  }

  /** How many pixels the page is wider than the window. */
  overflow(): Promise<number> {
    return this.page.evaluate('document.documentElement.scrollWidth - window.innerWidth') as Promise<number>;
  }

  /** A picture for the documents; larger ones do not belong into a repository. */
  async picture(path: string): Promise<number> {
    await this.page.screenshot({ path, animations: 'disabled', clip: { x: 0, y: 0, width: 1360, height: 700 } });
    return statSync(path).size;
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
