// Keys for programs, taking everything along, and the end.
import { readFileSync } from 'node:fs';
import { expect, hydrated, test } from '../../fixtures.ts';
import { PASSWORD, ProfilePage } from '../../pages/profile.ts';
import { make } from '../../pages/sidebar.ts';

test.use({ model: 'demo' });

test('a key is made, shown once, used and revoked', async ({ page, member, server, playwright }) => {
  const profile = new ProfilePage(page);
  await profile.open('keys');
  await hydrated(page);
  await expect(profile.main).toContainText('There are no keys.');
  await profile.press('Make a key');
  await profile.expectBad(profile.field('What is it for?'), 'name');
  await profile.field('What is it for?').fill('Backup <b>script</b>');
  await profile.field('Current password').fill(PASSWORD);
  await profile.press('Make a key');
  const key = await profile.main.locator('.profile-secret').innerText();
  const row = profile.main.getByRole('list', { name: 'API keys' }).getByRole('listitem');
  await expect(row).toContainText('Backup <b>script</b>');
  await expect(row).toContainText(`ends in ${key.slice(-4)}`);
  await page.reload();
  await expect(profile.main.locator('.profile-secret')).toHaveCount(0);

  const program = await playwright.request.newContext({ baseURL: server.url, extraHTTPHeaders: { Authorization: `Bearer ${key}` } });
  expect((await program.get('/api/v1/conversations')).status()).toBe(200);
  await row.getByRole('button', { name: /^Revoke/ }).click();
  await expect(profile.news).toContainText('The key is revoked');
  await expect(row).toHaveCount(0);
  expect((await program.get('/api/v1/conversations')).status()).toBe(401);
  await program.dispose();
  expect(member.name).toBeTruthy();
});

test('everything is taken along, then the account ends', async ({ page, member, server, entrance }) => {
  await make(page, server.url, 'Tea and ink');
  const profile = new ProfilePage(page);
  await profile.open('data');
  await hydrated(page);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download everything' }).click()]);
  const everything = JSON.parse(readFileSync((await file.path())!, 'utf8')) as { account: { username: string }; conversations: { title: string }[] };
  expect(everything.account.username).toBe(member.name);
  expect(everything.conversations.map(({ title }) => title)).toContain('Tea and ink');

  const button = 'Delete my account';
  await profile.field('Current password').fill(PASSWORD);
  await profile.field('Type “delete” to confirm').fill('delte');
  await profile.press(button);
  await profile.expectBad(profile.field('Type “delete” to confirm'), 'another word');
  await expect(profile.field('Type “delete” to confirm')).toHaveValue('delte');
  await profile.field('Current password').fill('wrong-horse-1');
  await profile.field('Type “delete” to confirm').fill('delete');
  await profile.press(button);
  await profile.expectBad(profile.field('Current password'), 'not the password');
  await profile.field('Current password').fill(PASSWORD);
  await profile.press(button);
  await expect(page.getByText('Your account and everything in it are deleted')).toBeVisible();
  await entrance.signIn(`${member.name}@example.com`, PASSWORD);
  await expect(page.getByText('do not fit together')).toBeVisible();
});
