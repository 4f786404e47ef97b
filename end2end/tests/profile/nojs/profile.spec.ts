// One's own account without scripts: every form leads back, says what happened, and loses nothing but passwords.
import { expect, test } from '../../../fixtures.ts';
import { code, PASSWORD, ProfilePage } from '../../../pages/profile.ts';

test.use({ model: 'demo' });

test('name, address and password are changed without scripts', async ({ page, member, entrance }) => {
  const profile = new ProfilePage(page);
  await profile.open();
  await profile.field('Name').fill('Li Lei');
  await profile.press('Change name');
  await expect(profile.news).toHaveText('Your name is changed.');
  await profile.field('E-mail').fill('lei@example.com');
  await profile.press('Change e-mail');
  await profile.expectBad(profile.field('Current password', 'Change e-mail'), 'password');
  await expect(profile.field('E-mail')).toHaveValue('lei@example.com');
  await profile.field('Current password', 'Change e-mail').fill(PASSWORD);
  await profile.press('Change e-mail');
  await expect(profile.news).toHaveText('Your e-mail address is changed.');
  await page.getByRole('link', { name: 'Password', exact: true }).click();
  await profile.field('Current password').fill(PASSWORD);
  await profile.field('New password').fill('battery-staple-2');
  await profile.field('Password, once more').fill('battery-staple-2');
  await profile.press('Change password');
  await expect(profile.news).toContainText('All other devices were signed out');
  await page.context().clearCookies();
  await entrance.signIn('lei@example.com', 'battery-staple-2');
  await expect(page).toHaveURL(/\/chat$/);
  expect(member.name).toBeTruthy();
});

test('the second factor is turned on and signs in without scripts', async ({ page, member, entrance }) => {
  const profile = new ProfilePage(page);
  const { secret, codes } = await profile.enrol();
  expect(codes).toHaveLength(10);
  await expect(page.getByRole('button', { name: 'Copy' })).toBeHidden();
  await page.context().clearCookies();
  await entrance.signIn(`${member.name}@example.com`, PASSWORD);
  const field = page.getByLabel('Code', { exact: true });
  await field.fill('123456');
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  // What the password proved is still there.
  await field.fill(code(secret, 1));
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/chat$/);
});

test('a key, the devices and the end without scripts', async ({ page, member }) => {
  const profile = new ProfilePage(page);
  await profile.open('keys');
  await profile.field('What is it for?').fill('Script');
  await profile.field('Current password').fill('wrong-horse-1');
  await profile.press('Make a key');
  await expect(profile.field('What is it for?')).toHaveValue('Script');
  await profile.field('Current password').fill(PASSWORD);
  await profile.press('Make a key');
  await expect(profile.main.locator('.profile-secret')).toBeVisible();
  await page.getByRole('link', { name: 'Devices' }).click();
  await expect(profile.main).toContainText('This device');
  await page.getByRole('link', { name: 'Your data' }).click();
  await profile.field('Current password').fill(PASSWORD);
  await profile.field('Type “delete” to confirm').fill('delete');
  await profile.press('Delete my account');
  await expect(page.getByText('Your account and everything in it are deleted')).toBeVisible();
  await page.goto('/chat');
  await expect(page).toHaveURL(/\/login/);
  expect(member.name).toBeTruthy();
});
