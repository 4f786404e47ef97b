// What a person does with a row: menu, renaming, deleting and having it back.
import { expect, hydrated, test } from '../../fixtures.ts';
import { listening, make, SidebarPage } from '../../pages/sidebar.ts';
import { Tab } from '../../pages/tab.ts';

test.use({ model: 'words-40@20' });

test('a row is renamed in place, and keeps its place', async ({ page, member, server }) => {
  await make(page, server.url, 'First');
  await make(page, server.url, 'Second');
  await page.goto('/chat');
  await hydrated(page);
  const sidebar = new SidebarPage(page);
  await sidebar.show();
  await expect(sidebar.days).toHaveText(['Today']);
  await sidebar.act('First', 'Rename');
  await expect(sidebar.field).toBeFocused();
  await expect(sidebar.field).toHaveValue('First');
  await sidebar.field.fill('Esc forgets this');
  await sidebar.field.press('Escape');
  await expect(sidebar.rows).toHaveText(['Second', 'First']);
  await expect(sidebar.rows.last()).toBeFocused();

  await sidebar.act('First', 'Rename');
  await sidebar.field.fill('  Enter keeps this  ');
  await sidebar.field.press('Enter');
  await expect(sidebar.rows).toHaveText(['Second', 'Enter keeps this']);

  await sidebar.act('Second', 'Rename');
  await sidebar.field.fill('Leaving keeps this');
  await sidebar.region.getByRole('link', { name: 'New conversation' }).focus();
  await expect(sidebar.rows).toHaveText(['Leaving keeps this', 'Enter keeps this']);
  await page.reload();
  await sidebar.show();
  await expect(sidebar.rows).toHaveText(['Leaving keeps this', 'Enter keeps this']);
  expect(member.name).toBeTruthy();
});

test('the key that ends a composition does not save @desktop', async ({ page, member, server }) => {
  await make(page, server.url, 'First');
  await page.goto('/chat');
  await hydrated(page);
  const sidebar = new SidebarPage(page);
  await sidebar.act('First', 'Rename');
  await sidebar.field.fill('拼音');
  // Safari sends it after the composition, with the old code alone.
  for (const init of [{ isComposing: true, keyCode: 13 }, { isComposing: false, keyCode: 229 }]) {
    for (const key of ['Enter', 'Escape']) {
      await sidebar.field.dispatchEvent('keydown', { key, bubbles: true, cancelable: true, ...init });
      await expect(sidebar.field).toBeFocused();
    }
  }
  await sidebar.field.press('Enter');
  await expect(sidebar.rows).toHaveText(['拼音']);
  expect(member.name).toBeTruthy();
});

test('a deleted row can be had back from the toast', async ({ page, member, server }) => {
  for (const title of ['One', 'Two', 'Three']) await make(page, server.url, title);
  await page.goto('/chat');
  await hydrated(page);
  const sidebar = new SidebarPage(page);
  await sidebar.show();
  await sidebar.act('Two', 'Delete');
  await expect(sidebar.rows).toHaveText(['Three', 'One']);
  await expect(sidebar.rows.last()).toBeFocused();
  await expect(page.getByText('“Two” was deleted.')).toBeVisible();
  await sidebar.undo();
  await expect(sidebar.rows).toHaveText(['Three', 'Two', 'One']);
  await page.reload();
  await sidebar.show();
  await expect(sidebar.rows).toHaveText(['Three', 'Two', 'One']);
  expect(member.name).toBeTruthy();
});

test('deleting what is open leads to a new one, and undoing it back, in every tab @desktop', async ({ page, context, member, server }) => {
  const id = await make(page, server.url, 'This one');
  await make(page, server.url, 'Elsewhere');
  await page.goto(`/chat/${id}`);
  await hydrated(page);
  const [sidebar, other] = [new SidebarPage(page), new SidebarPage((await Tab.open(context, '/chat')).page)];
  await expect(sidebar.rows.filter({ hasText: 'This one' })).toHaveAttribute('aria-current', 'page');
  await page.bringToFront();
  await sidebar.act('This one', 'Delete');
  await expect(page).toHaveURL(/\/chat$/);
  for (const one of [sidebar, other]) await expect(one.rows).toHaveText(['Elsewhere']);
  await sidebar.undo();
  await expect(page).toHaveURL(new RegExp(id));
  for (const one of [sidebar, other]) await expect(one.rows).toHaveText(['Elsewhere', 'This one']);
  expect(member.name).toBeTruthy();
});

test('the menu opens under the pointer and with the keyboard @desktop', async ({ page, member, server }) => {
  await make(page, server.url, 'First');
  await page.goto('/chat');
  await hydrated(page);
  const sidebar = new SidebarPage(page);
  const menu = page.getByRole('group', { name: 'Conversation' });
  await sidebar.rows.first().click({ button: 'right' });
  await expect(menu).toBeVisible();
  const [row, place] = [await sidebar.rows.first().boundingBox(), await menu.boundingBox()];
  expect(Math.abs(place!.y - row!.y)).toBeLessThan(60);
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await sidebar.rows.first().focus();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Actions for First' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(menu.getByRole('button', { name: 'Rename' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(menu.getByRole('button', { name: 'Delete' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Actions for First' })).toBeFocused();
  expect(member.name).toBeTruthy();
});

test('a reply that ended unseen leaves a dot, in every tab, until it is read @desktop', async ({ page, context, member, server }) => {
  const id = await make(page, server.url, 'Quiet');
  await page.goto('/chat');
  const sidebar = new SidebarPage((await Tab.of(page)).page);
  const second = (await Tab.open(context, '/chat')).page;
  const other = new SidebarPage(second);
  await page.bringToFront();
  await listening(server.url, page, second);
  const sent = await page.request.post(`${server.url}/api/conversations/${id}/messages`, {
    headers: { Origin: server.url },
    data: { content: 'hello', client_message_id: 'one' },
  });
  expect(sent.status()).toBe(202);
  for (const one of [sidebar, other]) await expect(one.unread).toBeVisible();
  await page.reload();
  await expect(sidebar.unread).toBeVisible();
  await sidebar.rows.first().click();
  for (const one of [sidebar, other]) await expect(one.unread).toHaveCount(0);
  await page.goto('/chat');
  await expect(sidebar.rows).toHaveText(['Quiet']);
  await expect(sidebar.unread).toHaveCount(0);
  expect(member.name).toBeTruthy();
});

test('a list that cannot be read on offers another try @desktop', async ({ page, member, server }) => {
  for (let n = 0; n < 60; n += 1) await make(page, server.url, `No ${n}`);
  await page.goto('/chat');
  await hydrated(page);
  const sidebar = new SidebarPage(page);
  await expect(sidebar.rows).toHaveCount(50);
  await page.route('**/list_conversations**', (route) => route.abort('connectionfailed'));
  await sidebar.rows.last().scrollIntoViewIfNeeded();
  const again = page.getByRole('link', { name: 'That did not work. Try again' });
  await expect(again).toBeVisible();
  await page.unroute('**/list_conversations**');
  await again.click();
  await expect(sidebar.rows).toHaveCount(60);
  expect(member.name).toBeTruthy();
});

test('the next page comes by scrolling, and the list stays while one navigates @desktop', async ({ page, member, server }) => {
  for (let n = 0; n < 60; n += 1) await make(page, server.url, `No ${n}`);
  await page.goto('/chat');
  await hydrated(page);
  const sidebar = new SidebarPage(page);
  await expect(sidebar.rows).toHaveCount(50);
  await sidebar.rows.last().scrollIntoViewIfNeeded();
  await expect(sidebar.rows).toHaveCount(60);
  await sidebar.rows.filter({ hasText: /^No 3$/ }).click();
  await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
  await expect(sidebar.rows).toHaveCount(60);
  expect(await page.locator('.sidebar-list').evaluate((list) => list.scrollTop)).toBeGreaterThan(200);
  expect(member.name).toBeTruthy();
});
