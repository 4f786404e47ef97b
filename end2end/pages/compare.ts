// Answers side by side, and choosing the models that give them.
import { expect, type Locator, type Page } from '@playwright/test';

export class ComparePage {
  readonly columns: Locator;
  /** Which models a new conversation asks beside the first. */
  readonly start: Locator;
  /** Above the composer. */
  readonly ahead: Locator;

  constructor(private readonly page: Page) {
    this.columns = page.getByRole('region', { name: 'Answers side by side' }).getByRole('article');
    this.start = page.locator('.model-begin .model-with');
    this.ahead = page.locator('.compare-ahead');
  }

  column(name: string): Locator {
    return this.columns.filter({ has: this.page.getByRole('heading', { name, exact: true }) });
  }

  keep(name: string): Locator {
    return this.page.getByRole('button', { name: `Keep this one: ${name}`, exact: true });
  }

  stop(name: string): Locator {
    return this.page.getByRole('button', { name: `Stop: ${name}`, exact: true });
  }

  /** Chooses where a conversation begins. */
  async choose(...names: string[]): Promise<void> {
    for (const [place, name] of names.entries()) await this.start.nth(place).selectOption({ label: name });
  }

  /** Chooses in the head of the conversation that is open; nothing takes the second model off. */
  async chooseHere(name?: string): Promise<void> {
    await this.page.locator('.model-chosen').click();
    const panel = this.page.locator('.model-panel');
    await panel.getByRole('combobox', { name: 'Side by side with' }).selectOption({ label: name ?? 'No other' });
    await panel.getByRole('button', { name: 'Use' }).click();
  }

  /** Numbers of the provider's self-describing tokens that a column shows. */
  async tokens(name: string): Promise<number[]> {
    const text = (await this.column(name).locator('.prose').textContent()) ?? '';
    return [...text.matchAll(/\bw(\d+)@\d+/g)].map((match) => Number(match[1]));
  }

  async expectTokens(name: string, more: number): Promise<void> {
    await expect.poll(async () => (await this.tokens(name)).length, { timeout: 15_000 }).toBeGreaterThan(more);
  }

  async expectStatus(name: string, status: string): Promise<void> {
    await expect(this.column(name)).toHaveAttribute('data-status', status, { timeout: 20_000 });
  }

  /** Every token from the first to the last, once and in order. */
  async expectWhole(name: string, count: number): Promise<void> {
    await this.expectStatus(name, 'completed');
    expect(await this.tokens(name)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  }
}
