// One tab among several of the same browser, and what a reader of it must never see.
import { expect, type BrowserContext, type Page } from '@playwright/test';
import { ChatPage } from './chat.ts';

export class Tab {
  readonly chat: ChatPage;

  private constructor(public readonly page: Page) {
    this.chat = new ChatPage(page);
  }

  static async open(context: BrowserContext, address: string): Promise<Tab> {
    const page = await context.newPage();
    await page.goto(address);
    return Tab.of(page);
  }

  /** A tab that is open already. */
  static async of(page: Page): Promise<Tab> {
    await page.locator('html[data-hydrated]').waitFor();
    return new Tab(page);
  }

  /** Notes every frame in which a word that was shown is gone, stands twice or in the wrong place. */
  async watch(): Promise<void> {
    await this.page.evaluate(() => {
      const faults: string[] = [];
      let longest = 0;
      const look = () => {
        const last = [...document.querySelectorAll('article[data-role=assistant]')].at(-1);
        const words = [...(last?.textContent ?? '').matchAll(/w(\d+)@\d/g)].map((word) => Number(word[1]));
        if (words.length < longest) faults.push(`${longest} words became ${words.length}`);
        const wrong = words.findIndex((word, place) => word !== place + 1);
        if (wrong >= 0) faults.push(`word ${words[wrong]} at place ${wrong + 1}`);
        longest = Math.max(longest, words.length);
        requestAnimationFrame(look);
      };
      look();
      Object.assign(window, { faults });
    });
  }

  async expectNoFault(): Promise<void> {
    expect(await this.page.evaluate(() => (window as unknown as { faults: string[] }).faults)).toEqual([]);
  }

  /** Waits until more than so many words are shown. */
  async expectWords(more: number, timeout = 10_000): Promise<void> {
    await expect.poll(async () => (await this.chat.tokens()).length, { timeout }).toBeGreaterThan(more);
  }

  /** Who holds the lead among the tabs, and how many wait for it. */
  async line(): Promise<{ held: number; pending: number }> {
    return this.page.evaluate(async () => {
      const locks = await navigator.locks.query();
      return { held: locks.held!.length, pending: locks.pending!.length };
    });
  }

  /** An API call from within the page, where connections are few: how long it takes, milliseconds. */
  async callTakes(): Promise<number> {
    return this.page.evaluate(async () => {
      const began = performance.now();
      const answer = await fetch('/api/session', { cache: 'no-store' });
      if (answer.status !== 200) throw new Error(`status ${answer.status}`);
      return performance.now() - began;
    });
  }
}

/** Streams that these pages open from now on. */
export function countStreams(pages: Page[]): { opened: () => number } {
  let opened = 0;
  for (const page of pages) {
    page.on('request', (request) => {
      if (request.url().includes('/stream')) opened += 1;
    });
  }
  return { opened: () => opened };
}
