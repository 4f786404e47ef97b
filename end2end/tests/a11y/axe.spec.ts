// No page and no state breaks a rule of WCAG 2.2 AA that a machine can check.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, hydrated, test } from '../../fixtures.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function expectAccessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`);
  expect(said, what).toEqual([]);
}

/** In both themes: colours are checked too. */
async function expectAccessibleInBothThemes(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Colours fade from one theme to the other.
    await page.waitForFunction(() => !document.getAnimations().some((one) => one instanceof CSSTransition));
    await expectAccessible(page, `${what}, ${colorScheme}`);
  }
}

test('pages for strangers', async ({ page }) => {
  for (const path of ['/', '/login', '/register', '/forgot', '/reset?token=x', '/verify?token=x', '/setup', '/nowhere', '/offline']) {
    await page.goto(path);
    // The page for those who are offline does without.
    if (path !== '/offline') await hydrated(page);
    await expectAccessibleInBothThemes(page, path);
  }
});

test('a form that was refused', async ({ page }) => {
  await page.goto('/register');
  await hydrated(page);
  await page.locator('main form button[type=submit]').click();
  await expect(page.locator('[aria-invalid=true]').first()).toBeVisible();
  await expectAccessibleInBothThemes(page, 'refused');
});

test('pages of a member', async ({ page, member }) => {
  expect(member.name).toBeTruthy();
  for (const path of ['/chat', '/history', '/settings/general', '/settings/appearance', '/settings/chat', '/settings/shortcuts']) {
    await page.goto(path);
    await hydrated(page);
    await expectAccessibleInBothThemes(page, path);
  }
});

test('pages of one\'s own account, and a refused form there', async ({ page, member }) => {
  test.slow();
  expect(member.name).toBeTruthy();
  for (const path of ['/profile', '/profile/password', '/profile/devices', '/profile/factor', '/profile/keys', '/profile/data', '/roles', '/roles/new', '/contexts', '/contexts/new', '/models', '/models/new']) {
    await page.goto(path);
    await hydrated(page);
    await expectAccessibleInBothThemes(page, path);
  }
  await page.goto('/profile/password');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.locator('[aria-invalid=true]').first()).toBeVisible();
  await expectAccessibleInBothThemes(page, 'refused');
});

test.describe('a conversation', () => {
  test.use({ model: 'as-said' });

  test('while a reply is written, afterwards, stopped, failed', async ({ page, chat, member }) => {
    // Every state is looked at in both themes.
    test.slow();
    expect(member.name).toBeTruthy();
    await chat.openNew();
    await chat.say('essay-4000@60 Tell me everything');
    await expect(page.locator('[data-status=streaming] pre')).toBeVisible({ timeout: 20_000 });
    await expectAccessible(page, 'streaming');
    await chat.stop.click();
    await expect(chat.replies.last()).toHaveAttribute('data-status', 'stopped');
    await expectAccessibleInBothThemes(page, 'stopped');
    await chat.say('fault-401 Now fail');
    await expect(chat.retry()).toBeVisible({ timeout: 20_000 });
    await expectAccessibleInBothThemes(page, 'failed');
    await chat.say('markdown Show all');
    await expect(chat.replies.last()).toHaveAttribute('data-status', 'completed', { timeout: 20_000 });
    await expectAccessibleInBothThemes(page, 'completed');
    await page.goto(`${new URL(page.url()).pathname}/context`);
    await hydrated(page);
    await expectAccessibleInBothThemes(page, 'context');
  });
});
