// The second factor, from the first code to the last.
import { expect, hydrated, test } from '../../fixtures.ts';
import { code, PASSWORD, ProfilePage } from '../../pages/profile.ts';

test.use({ model: 'demo' });

test('is turned on, asked for, renewed and turned off', async ({ page, member, entrance }) => {
  test.slow();
  const profile = new ProfilePage(page);
  await profile.open('factor');
  await hydrated(page);
  await profile.field('Current password').fill('wrong-horse-1');
  await profile.press('Set it up');
  await profile.expectBad(profile.field('Current password'), 'not the password');
  await profile.field('Current password').fill(PASSWORD);
  await profile.press('Set it up');

  // A slip of the pen costs no new secret.
  const picture = page.getByRole('img', { name: /QR code/ });
  await expect(picture).toBeVisible();
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
  const shown = await profile.main.locator('.profile-secret').innerText();
  expect(shown).toMatch(/^([A-Z2-7]{4} )+[A-Z2-7]{1,4}$/);
  const secret = shown.replaceAll(' ', '');
  await profile.field('Code of the app').fill('000000');
  await profile.press('Turn it on');
  await profile.expectBad(profile.field('Code of the app'), 'wrong');
  await expect(profile.main.locator('.profile-secret')).toHaveText(shown);
  await expect(picture).toBeVisible();
  await profile.field('Code of the app').fill(code(secret));
  await profile.press('Turn it on');

  const codes = await profile.main.locator('.profile-codes code').allInnerTexts();
  expect(new Set(codes).size).toBe(10);
  await hydrated(page);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await profile.press('Copy');
  await expect(profile.main.getByText('Copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(codes.join('\n'));
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
  expect(file.suggestedFilename()).toBe('parlance-backup-codes.txt');
  // They are shown this one time.
  await page.reload();
  await expect(profile.main.locator('.profile-codes')).toHaveCount(0);
  await expect(profile.main).toContainText('10 backup codes are left');

  // In with a backup code, which is used up by it.
  const email = `${member.name}@example.com`;
  await page.context().clearCookies();
  await entrance.signIn(email, PASSWORD);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('One more step');
  await hydrated(page);
  await expect(page.getByLabel('Code', { exact: true })).toBeFocused();
  await page.getByLabel('Code', { exact: true }).fill('123456');
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  const field = page.getByLabel('Code', { exact: true });
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await field.fill(codes[0]!.toLowerCase());
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/chat$/);
  await profile.open('factor');
  await expect(profile.main).toContainText('9 backup codes are left');

  // In with the app, on the way to a page. Its code of the enrolment is used up, hence the next one.
  await page.context().clearCookies();
  await page.goto('/settings/chat');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Code', { exact: true }).fill(code(secret, 1));
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/settings\/chat$/);

  await profile.open('factor');
  await profile.field('Code', 'Make new codes').fill(codes[0]!);
  await profile.press('Make new codes');
  await profile.expectBad(profile.field('Code', 'Make new codes'), 'wrong');
  await profile.field('Code', 'Make new codes').fill(codes[1]!);
  await profile.press('Make new codes');
  const fresh = await profile.main.locator('.profile-codes code').allInnerTexts();
  expect(fresh).toHaveLength(10);
  expect(fresh).not.toContain(codes[2]);
  await page.getByRole('link', { name: 'I have kept them' }).click();

  const off = 'Turn off';
  await profile.field('Current password', off).fill(PASSWORD);
  await profile.field('Code', off).fill(codes[2]!);
  await profile.press(off);
  await profile.expectBad(profile.field('Code', off), 'wrong');
  await profile.field('Current password', off).fill(PASSWORD);
  await profile.field('Code', off).fill(fresh[0]!);
  await profile.press(off);
  await expect(profile.news).toHaveText('The second factor is off.');
  await page.context().clearCookies();
  await entrance.signIn(email, PASSWORD);
  await expect(page).toHaveURL(/\/chat$/);
});

test('who leaves the second step begins again', async ({ page, member, entrance }) => {
  await new ProfilePage(page).enrol();
  await page.context().clearCookies();
  await entrance.signIn(`${member.name}@example.com`, PASSWORD);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('One more step');
  await page.getByRole('link', { name: 'Start again' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Welcome back');
  await page.goto('/chat');
  await expect(page).toHaveURL(/\/login/);
});
