// What all pages of lists and forms have.
import type { Locator, Page } from '@playwright/test';

export class FormsPage {
  readonly main: Locator;
  readonly news: Locator;
  readonly rows: Locator;

  constructor(protected readonly page: Page) {
    this.main = page.getByRole('main');
    this.news = this.main.locator('.notice');
    this.rows = this.main.locator('.profile-row');
  }

  row(name: string): Locator {
    return this.rows.filter({ has: this.page.locator('bdi', { hasText: name }) });
  }

  field(label: string): Locator {
    return this.main.getByLabel(label, { exact: true });
  }

  async press(name: string): Promise<void> {
    await this.main.getByRole('button', { name, exact: true }).click();
  }
}
