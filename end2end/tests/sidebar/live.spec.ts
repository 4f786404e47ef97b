// The list of conversations follows what happens elsewhere, without a reload.
import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../../fixtures.ts';
import { listening, make } from '../../pages/sidebar.ts';
import { Tab } from '../../pages/tab.ts';

/** What happens elsewhere is here within this. */
const SOON = { timeout: 1_000 };

function rows(page: Page): Locator {
  return page.getByRole('navigation', { name: 'Conversations' }).getByRole('link');
}

test.describe('the list @desktop', () => {
  test.use({ model: 'words-100000@20' });

  test('follows new, renamed and deleted conversations in every tab', async ({ page, context, member, server }) => {
    const old = await make(page, server.url, 'The old one');
    const gone = await make(page, server.url, 'The one that goes');
    await page.goto('/chat');
    const tabs = [await Tab.of(page), await Tab.open(context, '/chat')];
    const lists = tabs.map((tab) => rows(tab.page));
    for (const list of lists) await expect(list).toHaveText(['The one that goes', 'The old one']);
    await listening(server.url, ...tabs.map((tab) => tab.page));

    await make(page, server.url, 'The new one');
    for (const list of lists) await expect(list).toHaveText(['The new one', 'The one that goes', 'The old one'], SOON);

    const headers = { Origin: server.url };
    const renamed = await page.request.patch(`${server.url}/api/conversations/${old}`, { headers, data: { title: 'A better name' } });
    expect(renamed.status()).toBe(200);
    for (const list of lists) await expect(list.filter({ hasText: 'A better name' })).toHaveCount(1, SOON);
    for (const list of lists) await expect(list.filter({ hasText: 'The old one' })).toHaveCount(0);

    const deleted = await page.request.delete(`${server.url}/api/conversations/${gone}`, { headers });
    expect(deleted.ok()).toBe(true);
    for (const list of lists) await expect(list.filter({ hasText: 'The one that goes' })).toHaveCount(0, SOON);
    expect(member.name).toBeTruthy();
  });

  test('marks where a reply is being written, and the title of an open page follows too', async ({ page, context, member, server }) => {
    await page.goto('/chat');
    const writing = await Tab.of(page);
    const watching = await Tab.open(context, '/chat');
    await listening(server.url, page, watching.page);
    await writing.chat.say('Tell me everything');
    for (const tab of [writing, watching]) {
      await expect(tab.page.getByRole('img', { name: 'A reply is being written' })).toBeVisible();
      await expect(rows(tab.page)).toHaveText(['Tell me everything']);
    }
    await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
    const id = page.url().split('/').at(-1)!;
    await page.request.patch(`${server.url}/api/conversations/${id}`, {
      headers: { Origin: server.url },
      data: { title: 'Everything' },
    });
    for (const tab of [writing, watching]) await expect(rows(tab.page)).toHaveText(['Everything'], SOON);
    // A tab in the background paints once a second only.
    await page.bringToFront();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything', SOON);
    await writing.chat.stop.click();
    for (const tab of [writing, watching]) {
      await expect(tab.page.getByRole('img', { name: 'A reply is being written' })).toBeHidden(SOON);
    }
    expect(member.name).toBeTruthy();
  });

  test('puts what was used last on top, but never moves under the pointer', async ({ page, member, server }) => {
    const old = await make(page, server.url, 'First');
    await make(page, server.url, 'Second');
    await page.goto('/chat');
    await Tab.of(page);
    await listening(server.url, page);
    const list = rows(page);
    await expect(list).toHaveText(['Second', 'First']);
    await list.first().hover();
    await page.request.post(`${server.url}/api/conversations/${old}/messages`, {
      headers: { Origin: server.url },
      data: { content: 'again', client_message_id: 'again' },
    });
    await expect(page.getByRole('img', { name: 'A reply is being written' })).toBeVisible();
    await expect(list).toHaveText(['Second', 'First']);
    await page.getByRole('textbox', { name: 'Message' }).hover();
    await expect(list).toHaveText(['First', 'Second'], SOON);
    expect(member.name).toBeTruthy();
  });

  test('is nobody else’s', async ({ page, browser, member, server }) => {
    await page.goto('/chat');
    await Tab.of(page);
    await listening(server.url, page);
    const other = await browser.newContext({ baseURL: server.url });
    const stranger = await other.newPage();
    const made = await stranger.request.post(`${server.url}/api/auth/register`, {
      headers: { Origin: server.url },
      data: { username: 'stranger', email: 'stranger@example.com', password: 'correct-horse-1' },
    });
    expect(made.status()).toBe(201);
    await make(stranger, server.url, 'A stranger’s');
    await make(page, server.url, 'Mine');
    await expect(rows(page)).toHaveText(['Mine'], SOON);
    await other.close();
    expect(member.name).toBeTruthy();
  });
});

test.describe('a title of its own @desktop', () => {
  test.use({ model: 'words-12@20', settings: { PARLANCE_TITLES: 'auto' } });

  test('is pushed into the list of another tab when the model has found one', async ({ page, context, member, server }) => {
    await page.goto('/chat');
    const writing = await Tab.of(page);
    const watching = await Tab.open(context, '/chat');
    await listening(server.url, page, watching.page);
    await writing.chat.say('Tell me everything');
    await expect(rows(watching.page)).toHaveText(['Tell me everything']);
    await expect(rows(watching.page)).not.toHaveText(['Tell me everything']);
    const title = await rows(watching.page).first().innerText();
    await expect(rows(page)).toHaveText([title], SOON);
    expect(member.name).toBeTruthy();
  });
});
