// The keyboard shortcuts: what they do, the list of them, and their switches.
import type { Page } from '@playwright/test';
import { expect, hydrated, test } from '../../fixtures.ts';

test.describe('shortcuts @desktop', () => {
  test.use({ model: 'words-30@40' });

  test('the list opens and closes by its keys, and a switch is kept', async ({ page, chat, member }) => {
    await chat.openNew();
    const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await chat.composer.press('Control+/');
    await expect(list).toBeVisible();
    await expect(list.getByText('Ctrl+Shift+O')).toBeVisible();
    const saved = page.waitForResponse((response) => response.url().includes('save_shortcuts'));
    await list.getByRole('switch', { name: 'New conversation' }).uncheck();
    expect((await saved).status()).toBe(200);
    await page.keyboard.press('Control+/');
    await expect(list).toBeHidden();
    await chat.say('go');
    await chat.expectStatus('completed');
    const url = page.url();
    await page.keyboard.press('Control+Shift+O');
    await page.waitForTimeout(300);
    expect(page.url()).toBe(url);
    await page.reload();
    await hydrated(page);
    await page.keyboard.press('Control+/');
    await expect(list.getByRole('switch', { name: 'New conversation' })).not.toBeChecked();
    await expect(list.getByRole('switch', { name: 'Stop the reply' })).toBeChecked();
    expect(member.name).toBeTruthy();
  });

  test('a new conversation, and back to the one before', async ({ page, chat, member }) => {
    await chat.begin('go');
    const url = page.url();
    await page.keyboard.press('Control+Shift+O');
    await expect(page).toHaveURL(/\/chat$/);
    await page.keyboard.press('Alt+ArrowDown');
    await expect(page).toHaveURL(url);
    // Whoever is back before the conversation is has nothing to write in yet.
    await chat.expectStatus('completed');
    await page.locator('body').click({ position: { x: 700, y: 10 } });
    await page.keyboard.press('Shift+Escape');
    await expect(chat.composer).toBeFocused();
    expect(member.name).toBeTruthy();
  });

  test('↑ in an empty composer edits the last question, and only there', async ({ page, chat, member }) => {
    await chat.begin('go');
    await chat.composer.fill('typed');
    await chat.composer.press('ArrowUp');
    await expect(page.getByRole('textbox', { name: 'Another wording' })).toHaveCount(0);
    await chat.composer.fill('');
    await chat.composer.press('ArrowUp');
    await expect(page.getByRole('textbox', { name: 'Another wording' })).toBeFocused();
    expect(member.name).toBeTruthy();
  });

  test('Alt+R asks for another reply', async ({ chat, member }) => {
    await chat.begin('go');
    await chat.composer.press('Alt+r');
    await expect(chat.place).toHaveText('2/2', { timeout: 15_000 });
    expect(member.name).toBeTruthy();
  });
});

test.describe('Esc @desktop', () => {
  test.use({ model: 'words-100000@20' });

  test('closes what lies on top first, and then stops the reply', async ({ page, chat, member }) => {
    await chat.openNew();
    await chat.say('go');
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(2);
    await page.keyboard.press('Control+/');
    const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await expect(list).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(list).toBeHidden();
    await expect(chat.replies.last()).toHaveAttribute('data-status', 'streaming');
    await page.keyboard.press('Escape');
    await chat.expectStatus('stopped');
    expect(member.name).toBeTruthy();
  });
});

test.describe('keys beside the names @desktop', () => {
  test.use({ model: 'words-50@10' });

  const after = (page: Page, selector: string) =>
    page.locator(selector).last().evaluate((element) => getComputedStyle(element, '::after').content.replaceAll('\u2002', ' '));

  test('tooltips and menus show them, as long as the shortcuts are on', async ({ page, chat, member }) => {
    await chat.openNew();
    await chat.say('go');
    await expect(chat.stop).toBeVisible();
    await chat.stop.hover();
    expect(await after(page, '.composer-stop')).toBe('"Stop Esc"');
    await chat.expectStatus('completed');
    await chat.say('again');
    await expect(chat.replies).toHaveCount(2);
    await chat.expectStatus('completed');
    await page.locator('#sidebar-toggle').hover();
    expect(await after(page, '#sidebar-toggle')).toContain('Ctrl+Shift+S');
    // The newest reply alone is the one that the keys copy.
    const copy = chat.replies.getByRole('button', { name: 'Copy', exact: true });
    await copy.last().hover();
    expect(await after(page, '[data-role=assistant] [data-act=copy]')).toBe('"Copy Ctrl+Shift+C"');
    await copy.first().hover();
    expect(await copy.first().evaluate((element) => getComputedStyle(element, '::after').content)).toBe('"Copy"');
    expect(await after(page, '.sidebar-new')).toContain('Ctrl+Shift+O');
    await expect(page.locator('.sidebar-new')).toHaveAccessibleName('New conversation');

    await page.getByRole('button', { name: /^Account menu/ }).click();
    const item = page.getByRole('group', { name: 'Account menu' }).getByRole('button', { name: 'Keyboard shortcuts', exact: true });
    expect(await after(page, '[commandfor=shortcuts][command=show-modal]')).toContain('Ctrl+/');
    await item.click();
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    await page.keyboard.press('Escape');

    await page.locator('html').evaluate((html) => (html.dataset.shortcuts = 'off'));
    expect(await after(page, '.sidebar-new')).not.toContain('Ctrl');
    expect(member.name).toBeTruthy();
  });

  test.describe('on a Mac', () => {
    test.use({ userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/140.0 Safari/537.36' });

    test('they are a Mac’s', async ({ page, chat, member }) => {
      await chat.openNew();
      expect(await after(page, '.sidebar-new')).toContain('⇧⌘O');
      expect(member.name).toBeTruthy();
    });
  });
});
