// Settings without scripts: forms that lead back and say what happened.
import { expect, test } from '../../fixtures.ts';

test.use({ model: 'demo' });

test('settings are saved and shown without scripts', async ({ page, member }) => {
  await page.goto('/settings/appearance');
  await page.getByRole('radio', { name: 'Dark' }).check();
  await page.getByRole('radio', { name: 'Large', exact: true }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('main').getByText('Saved', { exact: true })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.locator('html')).toHaveAttribute('data-size', 'large');
  await page.getByRole('link', { name: 'Chat', exact: true }).click();
  await page.getByRole('switch', { name: 'Keyboard shortcuts' }).uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('switch', { name: 'Keyboard shortcuts' })).not.toBeChecked();
  await page.getByRole('link', { name: 'General' }).click();
  await page.getByRole('radio', { name: '简体中文' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('通用');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(member.name).toBeTruthy();
});

test.describe('without scripts the time zone', () => {
  test.use({ model: 'words-3' });

  test('is chosen, and all times are told in it', async ({ page, chat, member }) => {
    await page.goto('/settings/general');
    const zones = page.getByRole('combobox', { name: 'Time zone' });
    await expect(zones).toHaveValue('auto');
    await zones.selectOption('Asia/Kathmandu');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('main').getByText('Saved', { exact: true })).toBeVisible();
    await expect(zones).toHaveValue('Asia/Kathmandu');
    await page.goto('/chat');
    await chat.composer.fill('go');
    await chat.send.click();
    await chat.expectStatus('completed');
    const time = chat.questions.first().locator('time');
    const at = new Date((await time.getAttribute('datetime'))!);
    const there = at.toLocaleString('en-US', { timeZone: 'Asia/Kathmandu', dateStyle: 'medium', timeStyle: 'short' });
    await expect(time).toHaveAttribute('title', there.replace(/\s+/g, ' '));
    expect(member.name).toBeTruthy();
  });
});

test('a visitor chooses language and theme without scripts', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('button', { name: '简体中文' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await page.getByRole('button', { name: '主题' }).click();
  await page.getByRole('button', { name: '深色' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.goto('/register');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('先认识一下');
});
