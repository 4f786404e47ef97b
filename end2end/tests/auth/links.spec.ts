// The links of letters, read from a letter box: a new password, a confirmed address. And the first administrator.
import { expect, hydrated, test as base } from '../../fixtures.ts';
import { test } from '../../pages/letters.ts';
import { PASSWORD, ProfilePage } from '../../pages/profile.ts';

test.use({ model: 'demo' });

test('a forgotten password is replaced by the link of a letter', async ({ page, browser, member, letters, entrance, server }) => {
  const email = `${member.name}@example.com`;
  const other = await browser.newContext({ baseURL: server.url, storageState: await page.context().storageState() });
  await page.context().clearCookies();
  await page.goto('/login');
  await hydrated(page);
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(page).toHaveURL(/\/forgot$/);
  const send = page.getByRole('button', { name: 'Send the link' });
  await send.click();
  await expect(page.getByLabel('E-mail')).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel('E-mail').fill('nobody@example.com');
  await send.click();
  const answer = page.getByText('If there is an account with this address');
  await expect(answer).toBeVisible();
  await page.goto('/forgot');
  await hydrated(page);
  await page.getByLabel('E-mail').fill(email.toUpperCase());
  await send.click();
  await expect(answer).toBeVisible();

  const link = await letters.link('reset', email);
  const opened = await page.goto(link);
  expect(opened!.headers()['referrer-policy']).toBe('no-referrer');
  await hydrated(page);
  const set = page.getByRole('button', { name: 'Set the password' });
  await page.getByLabel('New password', { exact: true }).fill('short');
  await page.getByLabel('Password, once more').fill('short');
  await set.click();
  await expect(page.getByLabel('New password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('New password', { exact: true })).toBeFocused();
  await page.getByLabel('New password', { exact: true }).fill('battery-staple-2');
  await page.getByLabel('Password, once more').fill('battery-staple-2');
  await set.click();
  await expect(page).toHaveURL(/\/login\?done=reset$/);
  await expect(page.getByText('Your new password is set')).toBeVisible();
  // Whoever was signed in is not any more.
  expect((await other.request.get('/api/session')).status()).toBe(401);
  await other.close();
  await entrance.signIn(email, 'battery-staple-2');
  await expect(page).toHaveURL(/\/chat$/);

  // Once.
  await page.context().clearCookies();
  await page.goto(link);
  await hydrated(page);
  await page.getByLabel('New password', { exact: true }).fill('battery-staple-3');
  await page.getByLabel('Password, once more').fill('battery-staple-3');
  await set.click();
  await expect(page.getByRole('alert')).toContainText('used already');
  await page.getByRole('link', { name: 'Ask for a new link' }).click();
  await expect(page).toHaveURL(/\/forgot$/);
  await page.goto('/reset');
  await expect(page.getByText('This link is not complete')).toBeVisible();
});

test('an account is made by its letter: by a button, not by looking at the link', async ({ page, letters, entrance }) => {
  const email = 'lei@example.com';
  await entrance.register('Li Lei', email, PASSWORD);
  await expect(page).toHaveURL(/\/register\?sent=1$/);
  await hydrated(page);
  await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeVisible();
  await expect(page).toHaveTitle(/^Look into your mail/);
  const link = await letters.link('verify', email);
  // Programs that look through mail open links.
  for (const method of ['GET', 'HEAD']) expect((await page.request.fetch(link, { method })).status()).toBe(200);
  await entrance.signIn(email, PASSWORD);
  await expect(page.getByRole('alert')).toContainText('do not fit together');
  await page.goto(link);
  await hydrated(page);
  await expect(page.getByText(`You are setting up the account Li Lei for ${email}.`)).toBeVisible();
  // Whoever registered may be somebody else: the password is chosen here.
  const password = page.getByLabel('Password', { exact: true });
  await password.fill('short');
  await page.getByRole('button', { name: 'Set up the account' }).click();
  await expect(password).toHaveAttribute('aria-invalid', 'true');
  await expect(password).toBeFocused();
  await password.fill('battery-staple-2');
  await page.getByRole('button', { name: 'Set up the account' }).click();
  await expect(page.getByText('Your e-mail address is confirmed.')).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/login$/);
  await entrance.signIn(email, PASSWORD);
  await expect(page.getByRole('alert')).toContainText('do not fit together');
  await entrance.signIn(email, 'battery-staple-2');
  await expect(page).toHaveURL(/\/chat$/);
  await hydrated(page);
  await expect(page.getByText('Your e-mail address is not confirmed yet')).toHaveCount(0);
  // Once; and whoever asks is told so.
  await page.goto(link);
  await hydrated(page);
  await page.getByRole('button', { name: 'Confirm the address' }).click();
  await expect(page.getByRole('alert')).toContainText('used already');
});

test('who registers with an address that somebody has is told the same, and its owner is told', async ({ page, member, letters, entrance }) => {
  const email = `${member.name}@example.com`;
  await page.context().clearCookies();
  await entrance.register('Somebody Else', email, PASSWORD);
  await expect(page).toHaveURL(/\/register\?sent=1$/);
  await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeVisible();
  await expect.poll(() => letters.says(email, 'It has one already')).toBe(true);
  await page.getByRole('link', { name: 'Register again' }).click();
  await hydrated(page);
  await entrance.register(member.name, 'free@example.com', PASSWORD);
  await expect(page.getByLabel('Name', { exact: true })).toHaveAttribute('aria-invalid', 'true');
});

test('a name that was taken before the letter was answered is told', async ({ page, letters, entrance }) => {
  const links: string[] = [];
  for (const email of ['one@example.com', 'two@example.com']) {
    await entrance.register('Same Name', email, PASSWORD);
    await expect(page).toHaveURL(/\/register\?sent=1$/);
    links.push(await letters.link('verify', email));
  }
  for (const link of links) {
    await page.goto(link);
    await hydrated(page);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Set up the account' }).click();
  }
  await expect(page.getByRole('alert')).toContainText('Somebody has taken this name');
  await page.getByRole('link', { name: 'Register again' }).click();
  await expect(page).toHaveURL(/\/register$/);
});

test('another address counts when the letter there is answered', async ({ page, member, letters, entrance }) => {
  const own = `${member.name}@example.com`;
  const profile = new ProfilePage(page);
  await profile.open();
  await hydrated(page);
  const waiting = page.getByText('Waiting for confirmation');
  const ask = async (address: string) => {
    await profile.field('E-mail').fill(address);
    await profile.field('Current password', 'Change e-mail').fill(PASSWORD);
    await profile.press('Change e-mail');
    await expect(profile.news).toContainText('The letter is on its way');
    await expect(waiting).toContainText(address);
    await expect(profile.field('E-mail')).toHaveValue(own);
  };
  await ask('wrong@example.com');
  await profile.press('Cancel the change');
  await expect(profile.news).toHaveText('Your e-mail address stays as it is.');
  await expect(waiting).toHaveCount(0);
  await ask('new@example.com');
  await letters.link('verify', 'new@example.com');
  const before = letters.count();
  await profile.press('Send the letter again');
  await expect.poll(() => letters.count()).toBeGreaterThan(before);
  const link = await letters.link('verify', 'new@example.com');
  await page.goto(link);
  await hydrated(page);
  await page.getByRole('button', { name: 'Confirm the address' }).click();
  await expect(page.getByText('Your e-mail address is confirmed.')).toBeVisible();
  await expect.poll(() => letters.says(own, 'this one is no longer used')).toBe(true);
  await profile.open();
  await expect(profile.field('E-mail')).toHaveValue('new@example.com');
  await expect(waiting).toHaveCount(0);
  await page.goto(link);
  await page.getByRole('button', { name: 'Confirm the address' }).click();
  await expect(page.getByRole('alert')).toContainText('used already');
  await page.context().clearCookies();
  await entrance.signIn('new@example.com', PASSWORD);
  await expect(page).toHaveURL(/\/chat$/);
});

test('whose address is not confirmed is reminded of it', async ({ page, letters, server }) => {
  // The first administrator needs no letter to come in.
  const link = /\/setup\?token=[\w-]+/;
  await expect.poll(() => link.exec(server.greeting())?.[0]).toBeTruthy();
  await page.goto(link.exec(server.greeting())![0]);
  await hydrated(page);
  await page.getByLabel('Name', { exact: true }).fill('Ada');
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Password, once more').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await expect(page).toHaveURL(/\/chat$/);
  await hydrated(page);
  const reminder = page.getByText('Your e-mail address is not confirmed yet');
  await expect(reminder).toBeVisible();
  await letters.link('verify', 'ada@example.com');
  const before = letters.count();
  await page.goto('/profile');
  await expect(page.getByText('ada@example.com is not confirmed yet')).toBeVisible();
  await page.getByRole('main').getByRole('button', { name: 'Send the letter again' }).click();
  await expect(page.getByText('The letter is on its way')).toBeVisible();
  await expect.poll(() => letters.count()).toBeGreaterThan(before);
  await page.goto(await letters.link('verify', 'ada@example.com'));
  await hydrated(page);
  await page.getByRole('button', { name: 'Confirm the address' }).click();
  await expect(page.getByText('Your e-mail address is confirmed.')).toBeVisible();
  await page.getByRole('link', { name: 'To your conversations' }).click();
  await expect(page).toHaveURL(/\/chat$/);
  await expect(reminder).toHaveCount(0);
});

base.describe('a fresh server', () => {
  base.use({ model: 'demo' });

  base('makes its first administrator with the token that it prints', async ({ page, server }) => {
    const link = /\/setup\?token=[\w-]+/;
    await expect.poll(() => link.exec(server.greeting())?.[0]).toBeTruthy();
    const fill = async () => {
      await page.getByLabel('Name', { exact: true }).fill('Ada');
      await page.getByLabel('E-mail').fill('ada@example.com');
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByLabel('Password, once more').fill(PASSWORD);
      await page.getByRole('button', { name: 'Create administrator' }).click();
    };
    await page.goto('/setup');
    await hydrated(page);
    await page.getByLabel('Setup token').fill('not-the-token');
    await fill();
    await expect(page.getByRole('alert')).toContainText('This is not the token');
    await page.goto(link.exec(server.greeting())![0]);
    await hydrated(page);
    await fill();
    await expect(page).toHaveURL(/\/chat$/);
    await page.goto('/profile');
    await expect(page.getByText('Group: Administrator')).toBeVisible();
  });
});
