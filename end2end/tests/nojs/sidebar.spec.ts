// The sidebar and the page of past conversations without scripts.
import { expect, test } from '../../fixtures.ts';
import { make, SidebarPage } from '../../pages/sidebar.ts';

test('the sidebar folds away and stays so', async ({ page, member }) => {
  await page.goto('/history');
  const sidebar = new SidebarPage(page);
  await sidebar.fold.click();
  await expect(page).toHaveURL(/\/history$/);
  await expect(sidebar.region).toBeHidden();
  await page.goto('/chat');
  await expect(sidebar.region).toBeHidden();
  await sidebar.fold.click();
  await expect(page).toHaveURL(/\/chat$/);
  await expect(sidebar.region).toBeVisible();
  expect(member.name).toBeTruthy();
});

test('a conversation is renamed, deleted and had back', async ({ page, member, server }) => {
  const id = await make(page, server.url, 'First');
  await make(page, server.url, 'Second');
  await page.goto('/chat');
  const sidebar = new SidebarPage(page);
  await sidebar.rows.filter({ hasText: 'First' }).hover();
  await page.getByRole('button', { name: 'Actions for First' }).click();
  await expect(page).toHaveURL(`/history?row=${id}`);
  const chosen = page.getByRole('region', { name: 'Chosen conversation' });
  await chosen.getByRole('textbox', { name: 'New title' }).fill('A better name');
  await chosen.getByRole('button', { name: 'Save' }).click();
  await expect(sidebar.rows).toHaveText(['Second', 'A better name']);

  await page.getByRole('button', { name: 'Delete: A better name' }).click();
  await expect(page.getByText('The conversation was deleted.')).toBeVisible();
  await expect(sidebar.rows).toHaveText(['Second']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page).toHaveURL(`/chat/${id}`);
  await expect(sidebar.rows).toHaveText(['Second', 'A better name']);
  expect(member.name).toBeTruthy();
});

test('several are deleted at once, and all of them', async ({ page, member, server }) => {
  for (const title of ['One', 'Two', 'Three']) await make(page, server.url, title);
  await page.goto('/history');
  const rows = page.locator('.history-title');
  await page.getByRole('checkbox', { name: 'Select One' }).check();
  await page.getByRole('checkbox', { name: 'Select Three' }).check();
  await page.getByRole('button', { name: 'Delete selected' }).click();
  await expect(page.getByText('2 conversations were deleted.')).toBeVisible();
  await expect(rows).toHaveText(['Two']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(rows).toHaveText(['Three', 'Two', 'One']);
  await page.getByRole('button', { name: 'Delete all…' }).click();
  await page.getByRole('textbox', { name: /Type “delete”/ }).fill('delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete all' }).click();
  await expect(rows).toHaveCount(0);
  expect(member.name).toBeTruthy();
});

test('the person’s menu opens and signs out', async ({ page, member }) => {
  await page.goto('/chat');
  await new SidebarPage(page).signOut();
  await expect(page).not.toHaveURL(/\/chat/);
  expect(member.name).toBeTruthy();
});
