// Every page in both themes and at both widths: nothing may stick out sideways. With PARLANCE_E2E_SHOTS set to a
// folder the pictures are kept there, to be looked at.
import { expect, hydrated, test } from '../../fixtures.ts';
import type { Page } from '@playwright/test';

test.use({ model: 'demo' });

async function look(page: Page, name: string, project: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, `${name} is wider than the window`).toBeLessThanOrEqual(0);
    const folder = process.env.PARLANCE_E2E_SHOTS;
    // Colours fade from one theme to the other.
    if (folder) await page.waitForTimeout(400);
    if (folder) await page.screenshot({ path: `${folder}/${name}-${project}-${theme}.png` });
  }
}

test('pages for strangers fit the window', async ({ page }, info) => {
  for (const [name, path] of [['landing', '/'], ['login', '/login'], ['register', '/register'], ['missing', '/nowhere']] as const) {
    await page.goto(path);
    await hydrated(page);
    await look(page, name, info.project.name);
  }
});

test('the demo model answers, and the conversation fits the window', async ({ page, chat, member }, info) => {
  await chat.openNew();
  await look(page, 'new', info.project.name);
  await chat.say('Show me a table and some code, please');
  await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
  await expect.poll(async () => (await chat.replies.last().innerText()).length).toBeGreaterThan(80);
  await look(page, 'streaming', info.project.name);
  await expect(chat.replies.last()).toHaveAttribute('data-status', 'completed', { timeout: 40_000 });
  await look(page, 'conversation', info.project.name);
  expect(member.name).toBeTruthy();
});
