// The pages of personas.
import { expect, type Locator, type Page } from '@playwright/test';

export interface Character {
  name: string;
  prompt: string;
  greeting?: string;
  questions?: string[];
  /** What the person is made to have said, and the answer. */
  preset?: [string, string];
}

export class RolesPage {
  readonly main: Locator;
  readonly news: Locator;
  readonly rows: Locator;

  constructor(private readonly page: Page) {
    this.main = page.getByRole('main');
    this.news = this.main.locator('.notice');
    this.rows = this.main.locator('.profile-row');
  }

  async open(): Promise<void> {
    await this.page.goto('/roles');
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

  async make({ name, prompt, greeting, questions, preset }: Character): Promise<void> {
    await this.open();
    await this.main.getByRole('link', { name: 'New persona' }).click();
    await this.field('Name').fill(name);
    await this.field('System prompt').fill(prompt);
    await this.field('Greetings').fill(greeting ?? '');
    await this.field('Suggested questions').fill((questions ?? []).join('\n'));
    if (preset) {
      await this.field('Preset message 1').fill(preset[0]);
      await this.field('Preset message 2').fill(preset[1]);
    }
    await this.press('Save');
    await expect(this.news).toHaveText('The persona is saved.');
  }
}
