// The half of the browser's program that is loaded when it is first needed.
import type { Page } from '@playwright/test';

/** Has it loaded now, so that a reply is rendered from its first word on. */
export async function rendering(page: Page): Promise<void> {
  await page.evaluate(() => (globalThis as unknown as { parlanceRender: () => Promise<unknown> }).parlanceRender().then(() => {}));
}
