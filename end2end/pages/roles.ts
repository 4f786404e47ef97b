// The pages of personas.
import { expect } from '@playwright/test';
import { FormsPage } from './forms.ts';

export interface Character {
  name: string;
  prompt: string;
  greeting?: string;
  questions?: string[];
  /** What the person is made to have said, and the answer. */
  preset?: [string, string];
}

export class RolesPage extends FormsPage {
  async open(): Promise<void> {
    await this.page.goto('/roles');
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
