import { expect, hydrated, test } from '../../fixtures.ts';
import { SidebarPage } from '../../pages/sidebar.ts';

test('a newcomer registers and stands before an empty page', async ({ page, entrance, chat }) => {
  await entrance.register('Wang Fang', 'fang@example.com', 'correct-horse-1');
  await expect(page).toHaveURL(/\/chat$/);
  await expect(chat.composer).toBeVisible();
});

test('each wrong field says so beside itself, and nothing typed is lost', async ({ page, entrance }) => {
  await page.goto('/register');
  await hydrated(page);
  await entrance.register('ab', 'not-an-address@', 'short', 'other');
  await expect(page).toHaveURL(/\/register/);
  for (const label of ['Name', 'E-mail']) {
    const field = page.getByLabel(label, { exact: true });
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field).not.toHaveValue('');
  }
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
});

test('a wrong password is refused without saying which half was wrong', async ({ page, entrance, member }) => {
  await page.context().clearCookies();
  await entrance.signIn(`${member.name}@example.com`, 'wrong-horse-1');
  await expect(page.getByText('do not fit together')).toBeVisible();
  await entrance.signIn('nobody@example.com', 'wrong-horse-1');
  await expect(page.getByText('do not fit together')).toBeVisible();
  await entrance.signIn(`${member.name}@example.com`, 'correct-horse-1');
  await expect(page).toHaveURL(/\/chat$/);
});

test('signing out ends the session everywhere', async ({ page, member, server }) => {
  await page.goto('/chat');
  await hydrated(page);
  await new SidebarPage(page).signOut();
  await expect(page).not.toHaveURL(/\/chat/);
  expect((await page.request.get(`${server.url}/api/session`)).status()).toBe(401);
  await page.goto('/chat');
  await expect(page).toHaveURL(/\/login\?next=/);
  expect(member.name).toBeTruthy();
});

test('a tab whose session ended elsewhere leads to sign-in and back', async ({ page, member, context, chat }) => {
  for (const text of ['first', 'second']) {
    await chat.openNew();
    await chat.say(text);
    await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
    await chat.stop.click();
    await chat.expectStatus('stopped');
  }
  const other = await context.newPage();
  await other.goto('/chat');
  await hydrated(other);
  await other.evaluate(() => (document.querySelector('form.sign-out') as HTMLFormElement).requestSubmit());
  await expect(other).not.toHaveURL(/\/chat/);
  // The first tab still shows the list; its rows lead to where one signs in.
  await page.evaluate(() => {
    const rows = [...document.querySelectorAll<HTMLAnchorElement>('a[href^="/chat/"]')];
    rows.find((row) => row.getAttribute('aria-current') !== 'page')!.click();
  });
  await expect(page).toHaveURL(/\/login\?next=%2Fchat%2F|\/login\?next=\/chat\//);
  await page.getByLabel('E-mail').fill(`${member.name}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill('correct-horse-1');
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
});
