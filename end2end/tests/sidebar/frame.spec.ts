// The sidebar itself: folding on a wide screen, a drawer on a narrow one, the person's menu.
import { expect, hydrated, test } from '../../fixtures.ts';
import { make, SidebarPage } from '../../pages/sidebar.ts';

test('folds away, and stays as it was left @desktop', async ({ page, member }) => {
  await page.goto('/chat');
  await hydrated(page);
  const sidebar = new SidebarPage(page);
  await expect(sidebar.region).toBeVisible();
  await expect(sidebar.fold).toHaveAttribute('aria-expanded', 'true');
  await sidebar.fold.click();
  await expect(sidebar.region).toBeHidden();
  await expect(sidebar.fold).toHaveAttribute('aria-expanded', 'false');
  await page.reload();
  await expect(sidebar.region).toBeHidden();
  // The server painted it so: no script has run on this one.
  expect(await (await page.request.get('/chat')).text()).toContain('data-sidebar="closed"');
  await hydrated(page);
  await sidebar.fold.click();
  await expect(sidebar.region).toBeVisible();
  expect(await (await page.request.get('/chat')).text()).not.toContain('data-sidebar="closed"');
  expect(member.name).toBeTruthy();
});

test('is a drawer that keeps the keyboard to itself and gives it back @mobile', async ({ page, member, server }) => {
  await make(page, server.url, 'First');
  await page.goto('/chat');
  await hydrated(page);
  const sidebar = new SidebarPage(page);
  await expect(sidebar.region).toBeHidden();
  await sidebar.drawer.focus();
  await page.keyboard.press('Enter');
  await expect(sidebar.region).toBeVisible();
  await expect(page.locator('.frame-page')).toHaveAttribute('inert', '');
  await expect.poll(() => sidebar.region.evaluate((region) => region.contains(document.activeElement))).toBe(true);
  for (let n = 0; n < 12; n += 1) {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('.frame-page'))).toBeNull();
  }
  await page.keyboard.press('Escape');
  await expect(sidebar.region).toBeHidden();
  await expect(sidebar.drawer).toBeFocused();
  await expect(page.locator('.frame-page')).not.toHaveAttribute('inert');

  await sidebar.show();
  await sidebar.rows.first().click();
  await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
  await expect(sidebar.region).toBeHidden();
  await expect(page.locator('.frame-page')).not.toHaveAttribute('inert');
  expect(member.name).toBeTruthy();
});

test('opens before the scripts are there @mobile', async ({ page, member, server }) => {
  await make(page, server.url, 'First');
  // They never come: the address is neither answered nor refused.
  await page.route('**/*.wasm', () => {});
  await page.goto('/chat', { waitUntil: 'domcontentloaded' });
  const sidebar = new SidebarPage(page);
  await sidebar.show();
  await expect(sidebar.rows).toHaveText(['First']);
  await page.keyboard.press('Escape');
  await expect(sidebar.region).toBeHidden();
  expect(member.name).toBeTruthy();
});

test('the person’s menu leads to their pages', async ({ page, member }) => {
  await page.goto('/chat');
  await hydrated(page);
  const sidebar = new SidebarPage(page);
  await sidebar.show();
  const button = page.getByRole('button', { name: `Account menu: ${member.name}` });
  const menu = page.getByRole('group', { name: 'Account menu' });
  await button.click();
  await expect(menu).toBeVisible();
  await expect(menu.getByRole('link', { name: 'Settings' })).toHaveAttribute('href', '/settings/general');
  await expect(menu.getByRole('button', { name: 'Keyboard shortcuts' })).toHaveAttribute('commandfor', 'shortcuts');
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await button.click();
  await menu.getByRole('link', { name: 'History' }).click();
  await expect(page).toHaveURL(/\/history$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('History');
});

test.describe('in another zone @desktop', () => {
  test.use({ timezoneId: 'Asia/Shanghai' });

  test('the browser’s zone is told to the server', async ({ page, member, context }) => {
    await page.goto('/chat');
    await hydrated(page);
    await expect
      .poll(async () => (await context.cookies()).find((cookie) => cookie.name === 'tz')?.value)
      .toBe('Asia/Shanghai');
    expect(member.name).toBeTruthy();
  });
});
