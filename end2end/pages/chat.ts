// A conversation as a person sees it.
import { expect, type Locator, type Page } from '@playwright/test';

export class ChatPage {
  readonly composer: Locator;
  readonly send: Locator;
  readonly stop: Locator;
  readonly replies: Locator;
  readonly turns: Locator;
  readonly questions: Locator;
  /** `2/3`, below whatever stands in several versions. */
  readonly place: Locator;

  constructor(private readonly page: Page) {
    this.composer = page.getByRole('textbox', { name: 'Message' });
    this.send = page.getByRole('button', { name: 'Send', exact: true });
    this.stop = page.getByRole('button', { name: 'Stop', exact: true });
    this.replies = page.locator('article[data-role=assistant]');
    this.turns = page.locator('article[data-role]');
    this.questions = page.locator('article[data-role=user]');
    this.place = page.locator('.versions-place');
  }

  async openNew(): Promise<void> {
    await this.page.goto('/chat');
    await this.page.locator('html[data-hydrated]').waitFor();
  }

  /** A new conversation, and the whole answer to its first message. */
  async begin(text: string): Promise<void> {
    await this.openNew();
    await this.say(text);
    await this.expectStatus('completed');
  }

  /** Enter sends with a keyboard; on a touch screen it starts a new line, and the button sends. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.submit();
  }

  /** Puts a text into the composer at once; `fill` types it line by line, which takes minutes for a thousand of them. */
  async put(text: string): Promise<void> {
    await this.composer.evaluate((box: HTMLTextAreaElement, text) => {
      box.setRangeText(text, 0, box.value.length, 'end');
      box.dispatchEvent(new InputEvent('input', { bubbles: true }));
    }, text);
  }

  async submit(): Promise<void> {
    const touch = await this.page.evaluate(() => matchMedia('(pointer: coarse)').matches);
    await (touch ? this.send.click() : this.composer.press('Enter'));
  }

  /** The button of an act below a message; the newest, where there are several. */
  act(name: string): Locator {
    return this.turns.getByRole('button', { name, exact: true }).last();
  }

  retry(): Locator {
    return this.page.getByRole('button', { name: 'Retry', exact: true });
  }

  /** Rewords the newest message of the person. */
  async reword(text: string): Promise<void> {
    await this.act('Edit').click();
    const box = this.page.getByRole('textbox', { name: 'Another wording' });
    await expect(box).toBeFocused();
    await box.fill(text);
    await this.page.getByRole('button', { name: 'Save & send' }).click();
  }

  /** The text of the newest reply, as it is shown right now. */
  /** The words of a reply of any length: `innerText` leaves out what lies so far out of sight that it is skipped. */
  async replyWords(): Promise<string> {
    const text = (await this.replies.last().locator('.prose').textContent()) ?? '';
    return text.split(/\s+/).filter(Boolean).join(' ');
  }

  async replyText(): Promise<string> {
    return (await this.replies.last().locator('.prose, .live-body, .body').first().innerText()).trim();
  }

  /** Numbers of the provider's self-describing tokens (`w<n>@<µs>`) that are shown. */
  async tokens(): Promise<number[]> {
    const text = await this.replies.last().innerText();
    return [...text.matchAll(/\bw(\d+)@\d+/g)].map((match) => Number(match[1]));
  }

  async expectStatus(status: string): Promise<void> {
    await expect(this.replies.last()).toHaveAttribute('data-status', status, { timeout: 20_000 });
  }

  /** Every token from the first to the last that is shown, once and in order. */
  async expectWhole(count?: number): Promise<void> {
    const numbers = await this.tokens();
    expect(numbers).toEqual(Array.from({ length: count ?? numbers.length }, (_, index) => index + 1));
  }
}
