import { expect, hydrated, test } from '../../fixtures.ts';

test.describe('a reply under way', () => {
  test.use({ model: 'words-300@30' });

  test('grows while the provider is still sending, and survives a reload @desktop', async ({ page, chat, member, server }) => {
    await chat.openNew();
    await chat.say('go');
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(3);
    const early = (await chat.tokens()).length;
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(early + 10);
    expect(await server.runningReplies()).toBe(1);

    await page.reload();
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThanOrEqual(early);
    await chat.expectStatus('completed');
    await chat.expectWhole(300);
    await expect(chat.turns).toHaveCount(2);
    expect(member.name).toBeTruthy();
  });

  test('is live in a second tab too, and stop freezes it in both', async ({ page, chat, member, context, server }) => {
    await chat.openNew();
    await chat.say('go');
    await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
    const second = await context.newPage();
    await second.goto(page.url());
    const { ChatPage } = await import('../../pages/chat.ts');
    const other = new ChatPage(second);
    await expect.poll(async () => (await other.tokens()).length).toBeGreaterThan(10);
    await chat.stop.click();
    await chat.expectStatus('stopped');
    await other.expectStatus('stopped');
    const [mine, theirs] = [await chat.tokens(), await other.tokens()];
    expect(theirs).toEqual(mine);
    await chat.expectWhole();
    expect(mine.length).toBeLessThan(300);
    await expect.poll(() => server.runningReplies()).toBe(0);
    await page.reload();
    expect(await chat.tokens()).toEqual(mine);
    expect(member.name).toBeTruthy();
  });

  test('a turn that begins in one tab appears in the other', async ({ page, chat, member, context }) => {
    await chat.openNew();
    await chat.say('first');
    await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
    await chat.stop.click();
    await chat.expectStatus('stopped');
    const second = await context.newPage();
    await second.goto(page.url());
    await hydrated(second);
    await chat.say('second');
    const { ChatPage } = await import('../../pages/chat.ts');
    const other = new ChatPage(second);
    await expect(other.turns).toHaveCount(4);
    await expect.poll(async () => (await other.tokens()).length).toBeGreaterThan(5);
    expect(member.name).toBeTruthy();
  });

  test('goes on after the network was away @desktop', async ({ page, chat, member, context }) => {
    await chat.openNew();
    await chat.say('go');
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(5);
    await context.setOffline(true);
    await page.waitForTimeout(2_500);
    await context.setOffline(false);
    await chat.expectStatus('completed');
    await chat.expectWhole(300);
    expect(member.name).toBeTruthy();
  });
});

test.describe('a server that dies', () => {
  test.use({ model: 'words-100000@40' });

  test('keeps what was shown and says that it broke off @desktop', async ({ page, chat, member, server }) => {
    await chat.openNew();
    await chat.say('go');
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(15);
    const shown = (await chat.tokens()).length;
    await server.killAndRestart();
    await chat.expectStatus('interrupted');
    await chat.expectWhole();
    expect((await chat.tokens()).length).toBeGreaterThanOrEqual(shown);
    await page.reload();
    await chat.expectStatus('interrupted');
    await expect(chat.replies).toHaveCount(1);
    expect(member.name).toBeTruthy();
  });
});

test.describe('a provider that refuses', () => {
  test.use({ model: 'fault-401' });

  test('is named in a sentence, also after a reload', async ({ page, chat, member }) => {
    await chat.openNew();
    await chat.say('go');
    await expect(page.getByText('refused this server’s key')).toBeVisible();
    await page.reload();
    await expect(page.getByText('refused this server’s key')).toBeVisible();
    expect(member.name).toBeTruthy();
  });
});

test.describe('a question too early', () => {
  test.use({ model: 'words-100000@20' });

  test('waits, and goes out when the person says so after a stop @desktop', async ({ page, chat, queue, member }) => {
    await chat.openNew();
    await chat.say('first');
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(2);
    await chat.say('second');
    await expect(queue.rows).toHaveText([/second/]);
    await expect(chat.composer).toHaveValue('');
    await chat.stop.click();
    await chat.expectStatus('stopped');
    await queue.act(0, 'Send now').click();
    await expect(chat.turns).toHaveCount(4);
    await expect(page.getByRole('region', { name: 'Waiting to be sent' })).toBeHidden();
    expect(member.name).toBeTruthy();
  });
});
