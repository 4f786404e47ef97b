// The links of letters without scripts.
import { expect } from '../../../fixtures.ts';
import { test } from '../../../pages/letters.ts';
import { PASSWORD, ProfilePage } from '../../../pages/profile.ts';

test.use({ model: 'demo' });

test('an account is made and its password replaced by letters without scripts', async ({ page, letters, entrance }) => {
  const email = 'lei@example.com';
  await entrance.register('Li Lei', email, PASSWORD);
  await expect(page).toHaveURL(/\/register\?sent=1$/);
  await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeVisible();
  await page.goto(await letters.link('verify', email));
  await expect(page.getByText(`You are setting up the account Li Lei for ${email}.`)).toBeVisible();
  const chosen = page.getByLabel('Password', { exact: true });
  await page.getByRole('button', { name: 'Set up the account' }).click();
  await expect(chosen).toHaveAttribute('aria-invalid', 'true');
  await chosen.fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up the account' }).click();
  await expect(page.getByText('Your e-mail address is confirmed.')).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('E-mail').fill('not an address');
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByLabel('E-mail')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('E-mail')).toHaveValue('not an address');
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByText('If there is an account with this address')).toBeVisible();
  await page.goto(await letters.link('reset', email));
  const [password, again] = [page.getByLabel('New password', { exact: true }), page.getByLabel('Password, once more')];
  await password.fill('battery-staple-2');
  await again.fill('battery-staple-3');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await expect(again).toHaveAttribute('aria-invalid', 'true');
  await expect(password).toHaveValue('');
  await password.fill('battery-staple-2');
  await again.fill('battery-staple-2');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByText('Your new password is set')).toBeVisible();
  await entrance.signIn(email, 'battery-staple-2');
  await expect(page).toHaveURL(/\/chat$/);
});

test('another address counts when its letter is answered, without scripts', async ({ page, member, letters, entrance }) => {
  const own = `${member.name}@example.com`;
  const profile = new ProfilePage(page);
  const waiting = page.getByText('Waiting for confirmation');
  const ask = async (address: string) => {
    await profile.open();
    await profile.field('E-mail').fill(address);
    await profile.field('Current password', 'Change e-mail').fill(PASSWORD);
    await profile.press('Change e-mail');
    await expect(waiting).toContainText(address);
  };
  await ask('wrong@example.com');
  await profile.press('Cancel the change');
  await expect(profile.news).toHaveText('Your e-mail address stays as it is.');
  await ask('new@example.com');
  await letters.link('verify', 'new@example.com');
  await profile.press('Send the letter again');
  await expect(profile.news).toContainText('The letter is on its way');
  await expect(profile.field('E-mail')).toHaveValue(own);
  await page.goto(await letters.link('verify', 'new@example.com'));
  await page.getByRole('button', { name: 'Confirm the address' }).click();
  await expect(page.getByText('Your e-mail address is confirmed.')).toBeVisible();
  await page.context().clearCookies();
  await entrance.signIn('new@example.com', PASSWORD);
  await expect(page).toHaveURL(/\/chat$/);
});
