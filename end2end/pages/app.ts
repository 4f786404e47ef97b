// The installed app: its worker, its caches and its notices.
import { expect, type Locator, type Page } from '@playwright/test';

export class AppPage {
  readonly notices: Locator;

  constructor(private readonly page: Page) {
    this.notices = page.getByRole('complementary', { name: 'Notices' });
  }

  /** Waits until a worker is behind the page: it comes after the page itself, and fetches the whole build first. */
  async ready(): Promise<void> {
    await this.page.locator('html[data-hydrated]').waitFor();
    const isThere = () => navigator.serviceWorker?.controller?.state === 'activated';
    await this.page.waitForFunction(isThere, undefined, { timeout: 30_000 });
  }

  /** Waits until the script behind the notices is there: it comes when the page has nothing better to do. */
  async listens(): Promise<void> {
    await this.page.waitForFunction(() =>
      performance.getEntriesByType('resource').some(({ name }) => /\/pkg\/pwa[.\w-]*\.js$/.test(name)),
    );
  }

  /** Names of the caches, sorted. */
  caches(): Promise<string[]> {
    return this.page.evaluate(async () => (await caches.keys()).sort());
  }

  /** Paths of the conversations that are kept for reading. */
  kept(): Promise<string[]> {
    return this.page.evaluate(async () => {
      const paths: string[] = [];
      for (const name of await caches.keys()) {
        if (!name.startsWith('read-')) continue;
        const requests = await (await caches.open(name)).keys();
        paths.push(...requests.map((request) => new URL(request.url).pathname));
      }
      return paths;
    });
  }

  /** Waits until this page is kept as it is now. */
  async isKept(): Promise<void> {
    const path = new URL(this.page.url()).pathname;
    await expect.poll(() => this.kept(), { timeout: 15_000 }).toContain(path);
  }
}
