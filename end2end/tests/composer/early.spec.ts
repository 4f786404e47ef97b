// What is pressed before the tools of the page have come (`src/ui/tools.rs`).
import { expect, test } from '../../fixtures.ts';

test.use({ model: 'echo' });

test('a message that is sent early goes out once, and what was typed after it stays', async ({ page, chat, member }) => {
  await chat.begin('first');
  let come = () => {};
  const wanted = new Promise<void>((resolve) => (come = resolve));
  await page.route(/split_tools/, async (route) => {
    await wanted;
    await route.continue();
  });
  await page.reload();
  await page.locator('html[data-alive]').waitFor();
  await chat.composer.fill('second');
  await chat.submit();
  await chat.submit();
  await chat.composer.pressSequentially(' and a half');
  come();
  await expect(chat.questions).toHaveCount(2);
  await expect(chat.questions.last()).toContainText('second');
  await chat.expectStatus('completed');
  await expect(chat.composer).toHaveValue(/^\s*and a half$/);
  await page.reload();
  await expect(chat.questions).toHaveCount(2);
  expect(member.name).toBeTruthy();
});

test('whoever signs out early is signed out', async ({ page, chat, member }) => {
  await chat.openNew();
  await page.route(/split_tools/, (route) => route.abort());
  await page.reload();
  await page.locator('html[data-alive]').waitFor();
  await page.locator('form.sign-out').evaluate((form: HTMLFormElement) => form.requestSubmit());
  await page.waitForURL((url) => url.pathname !== '/chat');
  await page.goto('/chat');
  await expect(page).toHaveURL(/\/login/);
  expect(member.name).toBeTruthy();
});
