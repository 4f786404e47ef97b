// The two ways in.
import type { Page } from '@playwright/test';

export class EntrancePage {
  constructor(private readonly page: Page) {}

  async register(name: string, email: string, password: string, again = password): Promise<void> {
    await this.page.goto('/register');
    await this.page.getByLabel('Name', { exact: true }).fill(name);
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.getByLabel('Password, once more').fill(again);
    await this.page.getByRole('main').getByRole('button', { name: 'Create account' }).click();
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.page.goto('/login');
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  }
}
