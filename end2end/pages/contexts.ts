// The pages of contexts: those with names, and a conversation's own.
import { expect, type Locator, type Page } from '@playwright/test';
import { FormsPage } from './forms.ts';

export class ContextsPage extends FormsPage {
  readonly gauge: Locator;

  constructor(page: Page) {
    super(page);
    this.gauge = this.main.getByRole('region', { name: 'Your next request' });
  }

  /** Keeps a text under a name. */
  async make(name: string, text: string, isDefault = false): Promise<void> {
    await this.page.goto('/contexts/new');
    await this.field('Name').fill(name);
    await this.field('What the model is told').fill(text);
    if (isDefault) await this.field('Begin new conversations with it').check();
    await this.press('Save');
    await expect(this.news).toHaveText('Saved.');
  }

  /** The context of the conversation whose page is open. */
  async ofThis(): Promise<void> {
    await this.page.waitForURL(/\/chat\/[0-9a-f-]{36}/);
    const { origin, pathname } = new URL(this.page.url());
    await this.page.goto(`${origin}${pathname}/context`);
    await expect(this.main.getByRole('heading', { level: 1 })).toHaveText('Context of this conversation');
  }
}
