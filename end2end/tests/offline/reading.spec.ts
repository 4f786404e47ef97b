// Without a network: what was visited can be read, what was not says so, and signing out leaves nothing.
import { expect, hydrated, test } from '../../fixtures.ts';
import { AppPage } from '../../pages/app.ts';
import { SidebarPage } from '../../pages/sidebar.ts';

test.use({ serviceWorkers: 'allow', model: 'words-20@5' });

test('a visited conversation can be read without a network', async ({ page, chat, member, server }) => {
  const app = new AppPage(page);
  await chat.openNew();
  await app.ready();
  await chat.say('what is to be kept');
  await chat.expectStatus('completed');
  await page.reload();
  await hydrated(page);
  await app.isKept();

  const failed: string[] = [];
  page.on('requestfailed', (request) => failed.push(request.url()));
  await server.down();
  await page.reload();
  await expect(chat.questions.filter({ hasText: 'what is to be kept' })).toBeVisible();
  await chat.expectWhole(20);
  await hydrated(page);
  await expect(app.notices.getByText('Offline. You can go on reading.')).toBeVisible();
  // It stays what it is, and does not ask without end.
  await page.waitForTimeout(4_000);
  await chat.expectWhole(20);
  expect(failed.length).toBeLessThan(25);

  await server.up();
  await app.notices.getByRole('button', { name: 'Try again' }).click();
  await hydrated(page);
  await expect(page.locator('html[data-kept]')).toHaveCount(0);
  await expect(app.notices).toBeHidden();
  expect(member.name).toBeTruthy();
});

test('a conversation that was reached without a new page is kept too', async ({ page, chat, member, server }) => {
  const app = new AppPage(page);
  await chat.openNew();
  await app.ready();
  await chat.say('reached in passing');
  await chat.expectStatus('completed');
  await app.isKept();
  await server.down();
  await page.reload();
  await expect(chat.questions.filter({ hasText: 'reached in passing' })).toBeVisible();
  expect(member.name).toBeTruthy();
});

test('an unvisited page says that there is no network, and lists what can be read', async ({ page, chat, member, server }) => {
  const app = new AppPage(page);
  await chat.openNew();
  await app.ready();
  await chat.say('the one that was kept');
  await chat.expectStatus('completed');
  await app.isKept();
  const kept = new URL(page.url()).pathname;

  await server.down();
  await page.goto('/chat/00000000-0000-7000-8000-000000000000');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('No connection');
  await page.getByRole('link', { name: 'the one that was kept' }).click();
  await expect(page).toHaveURL(new RegExp(`${kept}$`));
  await expect(page.locator('article[data-role]').first()).toBeVisible();

  await page.goto('/login');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('No connection');
  await server.up();
  await page.getByRole('link', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('No connection');
  expect(member.name).toBeTruthy();
});

test('signing out leaves nothing behind @desktop', async ({ page, chat, member, context }) => {
  const app = new AppPage(page);
  await chat.openNew();
  await app.ready();
  await chat.say('nobody else may read this');
  await chat.expectStatus('completed');
  await app.isKept();
  await page.evaluate(() => sessionStorage.setItem('secret', 'x'));
  await new SidebarPage(page).signOut();
  await expect(page).toHaveURL(/\/$/);
  await expect.poll(async () => (await app.caches()).filter((name) => name.startsWith('read-'))).toEqual([]);
  expect(await page.evaluate(() => sessionStorage.getItem('secret'))).toBeNull();
  await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual([]);
  expect((await context.cookies()).map(({ name }) => name)).not.toContain('parlance');
  expect(member.name).toBeTruthy();
});

test('another person finds nothing of the one before @desktop', async ({ page, chat, member, server }) => {
  const app = new AppPage(page);
  await chat.openNew();
  await app.ready();
  await chat.say('of the one before');
  await chat.expectStatus('completed');
  await app.isKept();
  // The session ends without anybody signing out.
  await page.context().clearCookies();
  const other = `other-${member.name}`;
  const made = await page.request.post(`${server.url}/api/auth/register`, {
    headers: { Origin: server.url },
    data: { username: other, email: `${other}@example.com`, password: 'correct-horse-1' },
  });
  expect(made.status()).toBe(201);
  await page.goto('/chat');
  await expect.poll(() => app.kept()).toEqual([]);
});
