import { expect, test } from '../../fixtures.ts';

test.use({ model: 'words-40@40' });

test('register, sign in, send and read the reply without scripts', async ({ page, entrance, chat }) => {
  await entrance.register('Li Lei', 'lei@example.com', 'correct-horse-1');
  await expect(page).toHaveURL(/\/chat$/);
  await page.context().clearCookies();
  await entrance.signIn('lei@example.com', 'wrong-horse-1');
  await expect(page.getByText('do not fit together')).toBeVisible();
  await expect(page.getByLabel('E-mail')).toHaveValue('lei@example.com');
  await entrance.signIn('lei@example.com', 'correct-horse-1');
  await expect(page).toHaveURL(/\/chat$/);

  await chat.composer.fill('Hello without scripts');
  await chat.send.click();
  await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
  // The page refreshes by itself until the reply is there.
  await chat.expectStatus('completed');
  await chat.expectWhole(40);
  await expect(chat.turns.first()).toContainText('Hello without scripts');
});

test.describe('while a reply runs', () => {
  test.use({ model: 'words-100000@30' });

  test('it can be stopped without scripts', async ({ page, chat, member }) => {
    await page.goto('/chat');
    await chat.composer.fill('go on for ever');
    await chat.send.click();
    await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(3);
    await expect(async () => {
      await page.getByRole('button', { name: 'Stop' }).last().click({ timeout: 1_500 });
      await expect(chat.replies.last()).toHaveAttribute('data-status', 'stopped', { timeout: 2_000 });
    }).toPass();
    await chat.expectWhole();
    await expect(chat.composer).toBeVisible();
    expect(member.name).toBeTruthy();
  });
});

test.describe('a refused registration', () => {
  test('keeps what was typed and says what is wrong', async ({ page, entrance }) => {
    await entrance.register('ab', 'lei@example.com', 'short');
    await expect(page).toHaveURL(/\/register/);
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('ab');
    await expect(page.getByLabel('E-mail')).toHaveValue('lei@example.com');
    await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
    await expect(page.locator('[aria-invalid=true]')).not.toHaveCount(0);
  });
});
