// The keyboard shortcuts: what they do, the list of them, and their switches.
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
    await chat.openNew();
    await chat.say('go');
    await chat.expectStatus('completed');
    const url = page.url();
    await page.keyboard.press('Control+Shift+O');
    await expect(page).toHaveURL(/\/chat$/);
    await page.keyboard.press('Alt+ArrowDown');
    await expect(page).toHaveURL(url);
    await page.locator('body').click({ position: { x: 700, y: 10 } });
    await page.keyboard.press('Shift+Escape');
    await expect(chat.composer).toBeFocused();
    expect(member.name).toBeTruthy();
  });

  test('↑ in an empty composer edits the last question, and only there', async ({ page, chat, member }) => {
    await chat.openNew();
    await chat.say('go');
    await chat.expectStatus('completed');
    await chat.composer.fill('typed');
    await chat.composer.press('ArrowUp');
    await expect(page.getByRole('textbox', { name: 'Another wording' })).toHaveCount(0);
    await chat.composer.fill('');
    await chat.composer.press('ArrowUp');
    await expect(page.getByRole('textbox', { name: 'Another wording' })).toBeFocused();
    expect(member.name).toBeTruthy();
  });

  test('Alt+R asks for another reply', async ({ chat, member }) => {
    await chat.openNew();
    await chat.say('go');
    await chat.expectStatus('completed');
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
