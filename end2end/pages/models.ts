// The pages of models, and the control in a conversation's head.
import { expect, type Locator, type Page } from '@playwright/test';
import { FormsPage } from './forms.ts';

export interface Configuration {
  name: string;
  address: string;
  model: string;
  key?: string;
}

export class ModelsPage extends FormsPage {
  /** Which model a conversation asks. */
  readonly chosen: Locator;
  /** Which model a new conversation will ask. */
  readonly start: Locator;

  constructor(page: Page) {
    super(page);
    this.chosen = page.locator('.model-chosen');
    this.start = page.locator('select.model-start');
  }

  async open(): Promise<void> {
    await this.page.goto('/models');
  }

  async fill({ name, address, model, key }: Configuration): Promise<void> {
    await this.page.goto('/models/new');
    await this.field('Name').fill(name);
    await this.field('Address').fill(address);
    await this.field('Model').fill(model);
    await this.field('Key').fill(key ?? '');
  }

  async make(configuration: Configuration): Promise<void> {
    await this.fill(configuration);
    await this.press('Save');
    await expect(this.news).toHaveText('The model is saved.');
  }

  /** Chooses in the head of the conversation that is open. */
  async choose(name: string): Promise<void> {
    await this.chosen.click();
    const panel = this.page.locator('.model-panel');
    await panel.getByRole('combobox', { name: 'Model' }).selectOption({ label: name });
    await panel.getByRole('button', { name: 'Use' }).click();
    await expect(this.chosen).toHaveText(name);
  }
}

/** The last body that the provider was asked with. */
export async function lastAsked(server: { requests(): Promise<unknown[]> }): Promise<Record<string, unknown>> {
  return (await server.requests()).at(-1) as Record<string, unknown>;
}
