// What is typed and not sent.
import { expect, hydrated, test } from '../../fixtures.ts';

test.use({ model: 'echo' });

test('a draft outlives a reload at once, and comes to other devices soon after', async ({ page, chat, context, server, member }) => {
  await chat.begin('first');
  await chat.composer.fill('half a thought');
  await page.reload();
  await hydrated(page);
  await expect(chat.composer).toHaveValue('half a thought');
  const cookies = await context.cookies();
  const elsewhere = await context.browser()!.newContext({ baseURL: server.url });
  await elsewhere.addCookies(cookies);
  const other = await elsewhere.newPage();
  await expect(async () => {
    await other.goto(page.url());
    await expect(other.getByRole('textbox', { name: 'Message' })).toHaveValue('half a thought', { timeout: 500 });
  }).toPass();
  await elsewhere.close();
  expect(member.name).toBeTruthy();
});

test('each conversation has its own, and so has the one that does not exist yet', async ({ page, chat, member }) => {
  await chat.begin('first');
  const url = page.url();
  await chat.composer.fill('for the first');
  await page.goto('/chat');
  await hydrated(page);
  await expect(chat.composer).toHaveValue('');
  await chat.composer.fill('for a new one');
  await page.goto(url);
  await hydrated(page);
  await expect(chat.composer).toHaveValue('for the first');
  await page.goto('/chat');
  await hydrated(page);
  await expect(chat.composer).toHaveValue('for a new one');
  expect(member.name).toBeTruthy();
});

test('another tab’s newer draft does not overwrite what is typed here', async ({ page, chat, context, member }) => {
  await chat.begin('first');
  await chat.composer.fill('mine');
  const other = await context.newPage();
  await other.goto(page.url());
  await hydrated(other);
  await other.getByRole('textbox', { name: 'Message' }).fill('theirs, and newer');
  await other.waitForTimeout(1_200);
  await expect(chat.composer).toHaveValue('mine');
  await page.reload();
  await hydrated(page);
  await expect(chat.composer).toHaveValue('mine');
  await other.close();
  expect(member.name).toBeTruthy();
});

test('what was sent is no draft any more', async ({ page, chat, member }) => {
  await chat.openNew();
  await chat.composer.fill('a thought');
  // Long enough for the server to have it.
  await page.waitForTimeout(1_200);
  await chat.submit();
  await chat.expectStatus('completed');
  await chat.composer.fill('another thought');
  await page.waitForTimeout(1_200);
  await chat.submit();
  await expect(chat.replies).toHaveCount(2);
  await page.waitForTimeout(1_200);
  await page.reload();
  await hydrated(page);
  await expect(chat.composer).toHaveValue('');
  await page.goto('/chat');
  await hydrated(page);
  await expect(chat.composer).toHaveValue('');
  expect(member.name).toBeTruthy();
});
