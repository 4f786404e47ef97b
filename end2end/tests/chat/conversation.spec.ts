import { expect, hydrated, test } from '../../fixtures.ts';

test.describe('with a reply that is soon over', () => {
  test.use({ model: 'words-20@200' });

  test('a message becomes a conversation with a reply', async ({ page, chat, member }) => {
    await chat.openNew();
    await chat.say('Hello there');
    await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
    await chat.expectStatus('completed');
    await chat.expectWhole(20);
    await expect(chat.turns).toHaveCount(2);
    await expect(page.locator('a[aria-current=page]').filter({ hasText: 'Hello there' })).toHaveCount(1);
    expect(member.name).toBeTruthy();
  });

  test('a second turn follows in the same conversation', async ({ chat, member }) => {
    await chat.begin('one');
    await chat.say('two');
    await expect(chat.turns).toHaveCount(4);
    await chat.expectStatus('completed');
    await chat.expectWhole(20);
    await expect(chat.composer).toHaveValue('');
    expect(member.name).toBeTruthy();
  });

  test('a reload shows the same conversation', async ({ page, chat, member }) => {
    await chat.begin('stay');
    const before = await chat.turns.allInnerTexts();
    await page.reload();
    await hydrated(page);
    expect(await chat.turns.allInnerTexts()).toEqual(before);
    expect(member.name).toBeTruthy();
  });
});

test.describe('the composer', () => {
  test.use({ model: 'echo' });

  test('Shift+Enter starts a new line and Enter sends both @desktop', async ({ chat, member }) => {
    await chat.openNew();
    await chat.composer.fill('one');
    await chat.composer.press('Shift+Enter');
    await chat.composer.pressSequentially('two');
    await chat.composer.press('Enter');
    await expect(chat.turns.first()).toContainText(/one\s+two/);
    expect(member.name).toBeTruthy();
  });

  test('an Enter that confirms a Chinese word sends nothing', async ({ page, chat, member }) => {
    await chat.openNew();
    await chat.composer.fill('你好');
    // The order of Chromium, then that of Safari, which ends the composition before the key.
    await chat.composer.evaluate((box: HTMLTextAreaElement) => {
      const key = (init: KeyboardEventInit) =>
        box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }));
      box.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
      key({ isComposing: true, keyCode: 229 } as KeyboardEventInit);
      box.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
      key({ isComposing: false, keyCode: 229 } as KeyboardEventInit);
    });
    await page.waitForTimeout(300);
    await expect(page).toHaveURL(/\/chat$/);
    await expect(chat.composer).toHaveValue('你好');
    expect(member.name).toBeTruthy();
  });

  test('what was typed before the page came to life stays', async ({ page, chat, member }) => {
    // Hold the WASM back, type, then let it come.
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route(/\/pkg\/.*\.wasm/, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto('/chat');
    await chat.composer.fill('typed early');
    release();
    await hydrated(page);
    await expect(chat.composer).toHaveValue('typed early');
    await chat.submit();
    await chat.expectStatus('completed');
    await expect(chat.replies.last()).toContainText('typed early');
    expect(member.name).toBeTruthy();
  });

  test('a message that cannot be sent stays in the composer', async ({ page, chat, member }) => {
    await chat.openNew();
    await page.route('**/rpc/**', (route) => route.abort());
    await chat.say('do not lose me');
    await expect(chat.composer).toHaveValue('do not lose me');
    await expect(page.getByRole('alert').filter({ hasText: /./ })).toBeVisible();
    await page.unroute('**/rpc/**');
    await chat.submit();
    await chat.expectStatus('completed');
    expect(member.name).toBeTruthy();
  });
});

test.describe('Markdown', () => {
  test.use({ model: 'markdown' });

  test('is rendered while it streams, and the same after a reload', async ({ page, chat, member }) => {
    await chat.begin('show me everything');
    const reply = chat.replies.last();
    await expect(reply.locator('h1, h2, h3').nth(1)).toBeVisible();
    await expect(reply.locator('table')).not.toHaveCount(0);
    await expect(reply.locator('pre code')).not.toHaveCount(0);
    await expect(reply.locator('math')).not.toHaveCount(0);
    const before = await reply.innerText();
    await page.reload();
    await expect.poll(() => reply.innerText()).toEqual(before);
    expect(member.name).toBeTruthy();
  });
});

test('somebody else’s conversation is not there', async ({ page, chat, member, browser, server }) => {
  await chat.openNew();
  await chat.say('private');
  await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
  const stranger = await browser.newContext({ baseURL: server.url });
  await stranger.request.post(`${server.url}/api/auth/register`, {
    headers: { Origin: server.url },
    data: { username: 'stranger', email: 'stranger@example.com', password: 'correct-horse-1' },
  });
  const theirs = await stranger.newPage();
  const response = await theirs.goto(page.url());
  expect(response!.status()).toBe(404);
  await expect(theirs.getByText('private')).toHaveCount(0);
  await stranger.close();
  expect(member.name).toBeTruthy();
});
