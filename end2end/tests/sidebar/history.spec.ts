// The page where past conversations are managed, with scripts: the same forms.
import { expect, hydrated, test } from '../../fixtures.ts';
import { make } from '../../pages/sidebar.ts';

test('everything goes after a typed word', async ({ page, member, server }) => {
  for (const title of ['One', 'Two']) await make(page, server.url, title);
  await page.goto('/history');
  await hydrated(page);
  const rows = page.locator('.history-title');
  await expect(rows).toHaveText(['Two', 'One']);
  await page.getByRole('button', { name: 'Delete all…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete all conversations?' });
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Delete all' }).click();
  await expect(dialog).toBeVisible();
  await dialog.getByRole('textbox').fill('delete');
  await dialog.getByRole('button', { name: 'Delete all' }).click();
  await expect(page.getByText('All conversations were deleted.')).toBeVisible();
  await expect(rows).toHaveCount(0);
  expect(member.name).toBeTruthy();
});

test('is reached from a page by its menu and left by its links', async ({ page, member, server }) => {
  const id = await make(page, server.url, 'One');
  await page.goto('/history');
  await hydrated(page);
  await page.getByRole('main').getByRole('link', { name: 'One' }).click();
  await expect(page).toHaveURL(new RegExp(id));
  await page.goBack();
  await expect(page.locator('.history-title')).toHaveText(['One']);
  expect(member.name).toBeTruthy();
});
