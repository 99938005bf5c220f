import type { Browser } from 'playwright-core';
import { type Account, type Demo, startDemo } from './demo.js';
import { openBrowser, Reader, type ReaderOptions } from './reader.js';

export interface Visits {
  /** Somebody of a role at the portal. Whatever goes wrong in its page fails the test. */
  signedIn(role: string, options?: ReaderOptions): Promise<Reader>;
  /** Where devices may say who they are without a certificate. */
  mqttUrl(): string;
}

/** A demo and a browser for the tests of a file; each test's readers are closed after it. */
export function portalVisits(): Visits {
  let demo: Demo;
  let browser: Browser;
  const readers: Reader[] = [];

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo(), openBrowser()]);
  }, 180_000);

  afterEach(async () => {
    const faults = readers.flatMap((reader) => reader.faults);
    await Promise.all(readers.splice(0).map((reader) => reader.close()));
    expect(faults).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  }, 60_000);

  const account = (role: string): Account => {
    const found = demo.accounts.find((each) => each.role === role);
    if (!found) throw new Error(`the demo has no ${role}`);
    return found;
  };
  return {
    mqttUrl: () => demo.mqttUrl,
    signedIn: async (role, options) => {
      const reader = await Reader.signedIn(browser, demo.portalUrl, account(role), options);
      readers.push(reader);
      return reader;
    },
  };
}
