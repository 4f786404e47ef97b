// Several tabs of one browser over HTTP/1.1: one of them holds the stream for all.
import type { BrowserContext, Page } from '@playwright/test';
import { expect, test, type Server } from '../../fixtures.ts';
import { SidebarPage } from '../../pages/sidebar.ts';
import { Tab, countStreams } from '../../pages/tab.ts';

/** A conversation in which a reply is being written, made without a page. */
async function begin(page: Page, server: Server, name: string): Promise<string> {
  const headers = { Origin: server.url };
  const made = await page.request.post(`${server.url}/api/conversations`, { headers, data: {} });
  expect(made.status()).toBe(201);
  const { id } = (await made.json()) as { id: string };
  const sent = await page.request.post(`${server.url}/api/conversations/${id}/messages`, {
    headers,
    data: { content: name, client_message_id: name },
  });
  expect(sent.status()).toBe(202);
  return id;
}

/** The first tab's new conversation, and two more tabs on it, in mid-reply. */
async function three(page: Page, context: BrowserContext): Promise<[Tab, Tab, Tab]> {
  await page.goto('/chat');
  const first = await Tab.of(page);
  await first.chat.say('go');
  await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
  await first.expectWords(3);
  const second = await Tab.open(context, page.url());
  const third = await Tab.open(context, page.url());
  for (const tab of [first, second, third]) await tab.watch();
  return [first, second, third];
}

async function expectSame(tabs: Tab[], status: string, count?: number): Promise<void> {
  for (const tab of tabs) {
    await tab.chat.expectStatus(status);
    await tab.chat.expectWhole(count);
    await tab.expectNoFault();
    await expect(tab.chat.turns).toHaveCount(2);
  }
  const texts = await Promise.all(tabs.map((tab) => tab.chat.tokens()));
  for (const text of texts) expect(text).toEqual(texts[0]);
}

test.describe('three tabs on one conversation', () => {
  test.use({ model: 'words-300@25' });

  test('stay in step to the last word, over one stream @desktop', async ({ page, context, member }) => {
    const tabs = await three(page, context);
    await expect.poll(() => tabs[0].line()).toEqual({ held: 1, pending: 2 });
    await expectSame(tabs, 'completed', 300);
    expect(member.name).toBeTruthy();
  });

  test('show the same on another device, and nothing to a stranger @desktop', async ({ page, context, member, browser, server }) => {
    const enter = async (path: string, data: Record<string, string>): Promise<BrowserContext> => {
      const entered = await browser.newContext({ baseURL: server.url });
      const answer = await entered.request.post(`${server.url}/api/auth/${path}`, { headers: { Origin: server.url }, data });
      expect(answer.ok()).toBe(true);
      return entered;
    };
    const password = 'correct-horse-1';
    const device = await enter('login', { email: `${member.name}@example.com`, password });
    const stranger = await enter('register', { username: 'stranger', email: 'stranger@example.com', password });
    const tabs = await three(page, context);
    const elsewhere = await Tab.open(device, page.url());
    await elsewhere.watch();
    const theirs = await stranger.newPage();
    const id = page.url().split('/').at(-1);
    for (const path of [`/chat/${id}`, `/api/conversations/${id}`, `/api/conversations/${id}/stream`]) {
      expect((await stranger.request.get(`${server.url}${path}`)).status()).toBe(404);
    }
    await theirs.goto('/chat');
    const strangers = await Tab.of(theirs);
    await expectSame([...tabs, elsewhere], 'completed', 300);
    // Neither the words nor the conversation in the list.
    await expect(strangers.chat.turns).toHaveCount(0);
    await expect(theirs.locator(`a[href*="${id}"]`)).toHaveCount(0);
    await Promise.all([device.close(), stranger.close()]);
  });

  test('go on without a gap when the one that leads is closed @desktop', async ({ page, context, member }) => {
    const [first, second, third] = await three(page, context);
    await third.expectWords(20);
    await first.page.close();
    const words = (await second.chat.tokens()).length;
    await second.expectWords(words + 10, 4_000);
    await third.expectWords(words + 10, 4_000);
    await expect.poll(() => second.line()).toEqual({ held: 1, pending: 1 });
    await expectSame([second, third], 'completed', 300);
    expect(member.name).toBeTruthy();
  });

  test('come back whole after the network was away @desktop', async ({ page, context, member }) => {
    const tabs = await three(page, context);
    await tabs[2].expectWords(10);
    await context.setOffline(true);
    await expect(page.getByText('Offline', { exact: true })).toBeVisible();
    await page.waitForTimeout(2_500);
    await context.setOffline(false);
    await expectSame(tabs, 'completed', 300);
    await expect(page.getByText('Offline', { exact: true })).toBeHidden();
    expect(member.name).toBeTruthy();
  });

  test('outlive a deploy in mid-reply @desktop', async ({ page, context, member, server }) => {
    const tabs = await three(page, context);
    await tabs[2].expectWords(10);
    await server.killAndRestart('SIGTERM');
    await expectSame(tabs, 'completed', 300);
    expect(member.name).toBeTruthy();
  });

  test('a tab that was frozen meanwhile shows the whole reply when it wakes @desktop', async ({ page, context, member }) => {
    const [first, second, third] = await three(page, context);
    // The one that leads sleeps: another takes over.
    const devtools = await context.newCDPSession(first.page);
    await first.expectWords(10);
    const asleep = (await first.chat.tokens()).length;
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    const words = (await second.chat.tokens()).length;
    await second.expectWords(words + 10, 6_000);
    await expectSame([second, third], 'completed', 300);
    await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    await expectSame([first, second, third], 'completed', 300);
    expect(asleep).toBeLessThan(300);
    expect(member.name).toBeTruthy();
  });
});

test.describe('a server that crashes', () => {
  test.use({ model: 'words-100000@30' });

  test('leaves the same broken-off reply in all tabs @desktop', async ({ page, context, member, server }) => {
    const tabs = await three(page, context);
    await tabs[2].expectWords(20);
    const shown = await Promise.all(tabs.map(async (tab) => (await tab.chat.tokens()).length));
    await server.killAndRestart();
    await expectSame(tabs, 'interrupted');
    expect((await tabs[0].chat.tokens()).length).toBeGreaterThanOrEqual(Math.max(...shown));
    expect(member.name).toBeTruthy();
  });
});

test.describe('eight tabs', () => {
  test.use({ model: 'words-100000@10', settings: { PARLANCE_USER_PERMITS: '8' } });

  test('are all live over HTTP/1.1 while calls are answered @desktop', async ({ page, context, member, server }) => {
    test.setTimeout(120_000);
    const ids: string[] = [];
    for (let number = 1; number <= 8; number += 1) ids.push(await begin(page, server, `number-${number}`));
    await page.goto(`/chat/${ids[0]}`);
    const tabs = [await Tab.of(page)];
    for (const id of ids.slice(1)) tabs.push(await Tab.open(context, `/chat/${id}`));
    await expect.poll(() => tabs[7]!.line()).toEqual({ held: 1, pending: 7 });
    for (const tab of tabs) await tab.watch();
    const streams = countStreams(tabs.map((tab) => tab.page));
    const before = await Promise.all(tabs.map(async (tab) => (await tab.chat.tokens()).length));
    for (const [place, tab] of tabs.entries()) await tab.expectWords(before[place]! + 5, 15_000);
    const calls = await Promise.all(tabs.map((tab) => tab.callTakes()));
    expect(Math.max(...calls)).toBeLessThan(2_000);
    // Nobody had to look for another way meanwhile.
    expect(streams.opened()).toBe(0);
    for (const tab of tabs) {
      await tab.chat.expectWhole();
      await tab.expectNoFault();
    }
    expect(member.name).toBeTruthy();
  });
});

test.describe('without locks', () => {
  test.use({ model: 'words-60@30' });

  test('each tab holds a stream of its own @desktop', async ({ page, context, member }) => {
    await context.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });
    });
    const tabs = await three(page, context);
    await expectSame(tabs, 'completed', 60);
    expect(member.name).toBeTruthy();
  });
});

test.describe('signing out', () => {
  test.use({ model: 'words-60@30' });

  test('in one tab ends the other within a second, which keeps what is typed @desktop', async ({ page, context, member }) => {
    await page.goto('/chat');
    const first = await Tab.of(page);
    await first.chat.say('go');
    await first.chat.expectStatus('completed');
    const second = await Tab.open(context, page.url());
    await second.chat.composer.fill('half a thought');
    await expect.poll(async () => (await second.line()).pending).toBe(1);
    await new SidebarPage(first.page).signOut();
    await first.page.waitForURL((url) => !url.pathname.startsWith('/chat/'));
    await expect(second.page.getByText('You have been signed out')).toBeVisible({ timeout: 1_000 });
    await expect(second.chat.composer).toHaveValue('half a thought');
    await second.chat.expectWhole(60);
    expect(member.name).toBeTruthy();
  });
});
