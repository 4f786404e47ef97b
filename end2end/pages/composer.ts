// What stands around the composer: the queue above it, and messages that were not taken.
import { expect, type Locator, type Page } from '@playwright/test';
import { ChatPage } from './chat.ts';

export class Queue {
  readonly list: Locator;
  readonly rows: Locator;

  constructor(private readonly page: Page) {
    this.list = page.getByRole('region', { name: 'Waiting to be sent' });
    this.rows = this.list.getByRole('listitem');
  }

  /** Sends while a reply is being written. */
  async add(text: string): Promise<void> {
    const chat = new ChatPage(this.page);
    await chat.composer.fill(text);
    await this.page.getByRole('button', { name: 'Send when the reply is complete' }).click();
    await expect(chat.composer).toHaveValue('');
    await expect(this.rows.last()).toContainText(text);
  }

  act(place: number, name: string): Locator {
    return this.rows.nth(place).getByRole('button', { name, exact: true });
  }
}

/** Messages that the page sends from now on. */
export function countSends(page: Page): () => number {
  let sent = 0;
  page.on('request', (request) => {
    if (isSend(request.url())) sent += 1;
  });
  return () => sent;
}

/** Whether the address is the one that takes messages. */
export function isSend(url: string): boolean {
  return new URL(url).pathname.endsWith('/send');
}
