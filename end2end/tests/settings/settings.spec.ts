// Settings with scripts: saved as they change, seen at once, there after a reload and on another device.
import { expect, hydrated, test } from '../../fixtures.ts';
import type { Page } from '@playwright/test';

test.use({ model: 'demo' });

async function open(page: Page, name: string): Promise<void> {
  await page.goto(`/settings/${name}`);
  await hydrated(page);
}

test('a change is seen at once, saved, and there again on another device', async ({ page, browser, member, server }) => {
  await open(page, 'appearance');
  const html = page.locator('html');
  await page.getByRole('radio', { name: 'Dark' }).check();
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('main').getByRole('status')).toHaveText('Saved');
  await page.getByRole('radio', { name: 'Plum' }).check();
  await page.getByRole('radio', { name: 'Compact' }).check();
  await expect(html).toHaveAttribute('data-density', 'compact');
  await expect(page).toHaveURL(/\/settings\/appearance$/);
  await expect.poll(async () => (await page.request.get(`${server.url}/api/v1/preferences`)).json()).toMatchObject({ theme: 'dark', accent: 'plum', density: 'compact' });
  await page.reload();
  await expect(html).toHaveAttribute('data-accent', 'plum');
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();

  const other = await browser.newContext({ baseURL: server.url });
  const answer = await other.request.post('/api/auth/login', {
    headers: { Origin: server.url },
    data: { email: `${member.name}@example.com`, password: 'correct-horse-1' },
  });
  expect(answer.status()).toBe(200);
  const there = await other.newPage();
  await there.goto('/chat');
  await expect(there.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(there.locator('html')).toHaveAttribute('data-accent', 'plum');
  await other.close();
});

test('the language changes the page', async ({ page, member }) => {
  await open(page, 'general');
  await page.getByRole('radio', { name: '简体中文' }).check();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('通用');
  await hydrated(page);
  await page.getByRole('radio', { name: 'English' }).check();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('General');
  expect(member.name).toBeTruthy();
});

test('the keyboard reaches everything and a switch can be turned', async ({ page, server, member }) => {
  await open(page, 'chat');
  const shortcuts = page.getByRole('switch', { name: 'Keyboard shortcuts' });
  await expect(shortcuts).toBeChecked();
  await shortcuts.focus();
  await page.keyboard.press('Space');
  await expect(page.locator('html')).toHaveAttribute('data-shortcuts', 'off');
  await expect.poll(async () => (await (await page.request.get(`${server.url}/api/v1/preferences`)).json()).shortcuts_off).toBe(true);
  await page.getByRole('link', { name: 'Appearance' }).press('Enter');
  await expect(page).toHaveURL(/\/settings\/appearance$/);
  await expect(page.getByRole('link', { name: 'Appearance' })).toHaveAttribute('aria-current', 'page');
  expect(member.name).toBeTruthy();
});

test.describe('the time zone that was chosen', () => {
  test.use({ model: 'words-3' });

  test('is that of the server’s times and of the browser’s', async ({ page, chat, member }) => {
    await open(page, 'general');
    await page.getByRole('combobox', { name: 'Time zone' }).selectOption('Asia/Kathmandu');
    // The page is loaded anew: its times are the server's.
    await expect(page.locator('html')).toHaveAttribute('data-zone', 'Asia/Kathmandu');
    await chat.begin('go');
    const time = chat.questions.first().locator('time');
    const at = new Date((await time.getAttribute('datetime'))!);
    const there = (options: Intl.DateTimeFormatOptions) =>
      at.toLocaleString('en-US', { timeZone: 'Asia/Kathmandu', ...options }).replace(/\s+/g, ' ');
    const told = async () => [await time.textContent(), await time.getAttribute('title')].map((text) => text!.replace(/\s+/g, ' '));
    const expected = [there({ timeStyle: 'short' }), there({ dateStyle: 'medium', timeStyle: 'short' })];
    // What came by the stream the browser tells, the rest the server.
    expect(await told()).toEqual(expected);
    await page.reload();
    expect(await told()).toEqual(expected);
    expect(member.name).toBeTruthy();
  });
});

test('a change that cannot be saved says so', async ({ page, member }) => {
  await open(page, 'appearance');
  await page.route('**/rpc/**', (route) => route.abort());
  await page.getByRole('radio', { name: 'Dark' }).check();
  await expect(page.getByRole('main').getByRole('status')).toContainText('does not answer');
  expect(member.name).toBeTruthy();
});

test('coming back from a conversation shows the settings again', async ({ page, member }) => {
  await open(page, 'appearance');
  // By the router, without a new page.
  await page.evaluate(() => document.querySelector<HTMLAnchorElement>('a[href="/chat"]')!.click());
  await expect(page).toHaveURL(/\/chat$/);
  await page.goBack();
  await expect(page).toHaveURL(/\/settings\/appearance$/);
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeVisible();
  expect(member.name).toBeTruthy();
});

test.describe('coming back before the page is alive loads the one that was left', () => {
  /** From the settings to a new conversation, whose page comes from the server and waits for its parts until `come`. */
  async function waiting(page: Page): Promise<{ come: () => void }> {
    let come = () => {};
    const wanted = new Promise<void>((resolve) => (come = resolve));
    let parts = /split_start/;
    await page.route(/split_|chunk_/, async (route) => {
      if (parts.test(route.request().url())) await wanted;
      await route.continue();
    });
    await open(page, 'appearance');
    parts = /./;
    await page.evaluate(() => document.querySelector<HTMLAnchorElement>('a[href="/chat"]')!.click());
    // Of the page that was left, alive as it is, nothing is seen any more.
    await expect(page.locator('html:not([data-alive]) [data-made="/chat"]')).toBeAttached();
    return { come };
  }

  test('when the browser tells of it', async ({ page, member }) => {
    const { come } = await waiting(page);
    await page.waitForLoadState('load');
    await page.evaluate(() => history.back());
    await expect(page).toHaveURL(/\/settings\/appearance$/);
    await expect(page.getByRole('radio', { name: 'Dark' })).toBeVisible();
    come();
    await hydrated(page);
    expect(member.name).toBeTruthy();
  });

  test('when nobody has heard of it before the page comes to life', async ({ page, member }) => {
    // The event comes and goes before anybody in the page listens.
    await page.addInitScript(() => {
      if (location.pathname === '/chat') addEventListener('popstate', (event) => event.stopImmediatePropagation());
    });
    const { come } = await waiting(page);
    await page.evaluate(() => history.back());
    await expect(page).toHaveURL(/\/settings\/appearance$/);
    // The page of the other address stands there still.
    await expect(page.locator('html:not([data-alive]) [data-made="/chat"]')).toBeAttached();
    come();
    await expect(page.getByRole('radio', { name: 'Dark' })).toBeVisible();
    await hydrated(page);
    await expect(page).toHaveURL(/\/settings\/appearance$/);
    expect(member.name).toBeTruthy();
  });
});

test('a visitor chooses language and theme', async ({ page }) => {
  await page.goto('/login');
  await hydrated(page);
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('button', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page).toHaveURL(/\/login$/);
  await hydrated(page);
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('button', { name: '简体中文' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
});

for (const name of ['general', 'appearance', 'chat']) {
  test(`${name} fits the window, small and large`, async ({ page, member }) => {
    await open(page, name);
    for (const size of [undefined, 'largest']) {
      await page.evaluate((size) => size && (document.documentElement.dataset['size'] = size), size);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    }
    expect(member.name).toBeTruthy();
  });
}
