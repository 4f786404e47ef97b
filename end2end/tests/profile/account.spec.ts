// Name, address and password.
import { expect, hydrated, test } from '../../fixtures.ts';
import { SidebarPage } from '../../pages/sidebar.ts';
import { PASSWORD, ProfilePage } from '../../pages/profile.ts';

test.use({ model: 'demo' });

test('is reached by the menu of the person, and from the settings', async ({ page, member }) => {
  await page.goto('/chat');
  await hydrated(page);
  await new SidebarPage(page).show();
  await page.getByRole('button', { name: /^Account menu/ }).click();
  await page.getByRole('link', { name: 'Profile' }).click();
  await expect(page).toHaveURL(/\/profile$/);
  await expect(page).toHaveTitle(/Name and e-mail/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Name and e-mail');
  await expect(page.getByText('Group: Member')).toBeVisible();
  await page.goto('/settings/general');
  await page.getByRole('link', { name: 'Profile' }).first().click();
  await expect(page).toHaveURL(/\/profile$/);
  expect(member.name).toBeTruthy();
});

test('another name stands in the sidebar at once', async ({ page, member }) => {
  const profile = new ProfilePage(page);
  await profile.open();
  await hydrated(page);
  await profile.field('Name').fill('Zoë 张');
  await profile.press('Change name');
  await expect(profile.news).toHaveText('Your name is changed.');
  await expect(profile.field('Name')).toHaveValue('Zoë 张');
  await expect(page.locator('.sidebar-person')).toHaveText('Zoë 张');
  await profile.field('Name').fill('x');
  await profile.press('Change name');
  await profile.expectBad(profile.field('Name'), 'at least 3');
  await expect(profile.field('Name')).toHaveValue('x');
  expect(member.name).toBeTruthy();
});

test('a name or an address of somebody else is refused at its field', async ({ page, member, server }) => {
  const other = await page.context().browser()!.newContext();
  const made = await other.request.post(`${server.url}/api/auth/register`, {
    headers: { Origin: server.url },
    data: { username: 'Somebody', email: 'somebody@example.com', password: PASSWORD },
  });
  expect(made.status()).toBe(201);
  await other.close();
  const profile = new ProfilePage(page);
  await profile.open();
  await profile.field('Name').fill('SOMEBODY');
  await profile.press('Change name');
  await profile.expectBad(profile.field('Name'), 'taken|another');
  const form = 'Change e-mail';
  await profile.field('E-mail').fill('Somebody@Example.com');
  await profile.field('Current password', form).fill(PASSWORD);
  await profile.press(form);
  await expect(profile.field('E-mail')).toHaveAttribute('aria-invalid', 'true');
  await expect(profile.field('E-mail')).toHaveValue('Somebody@Example.com');
  await profile.field('E-mail').fill('nothing@');
  await profile.field('Current password', form).fill(PASSWORD);
  await profile.press(form);
  await profile.expectBad(profile.field('E-mail'), 'address');
  expect(member.name).toBeTruthy();
});

test('another address takes the current password, and signs in', async ({ page, member, entrance }) => {
  const profile = new ProfilePage(page);
  await profile.open();
  await hydrated(page);
  const form = 'Change e-mail';
  await profile.field('E-mail').fill('new@example.com');
  await profile.field('Current password', form).fill('wrong-horse-1');
  await profile.press(form);
  await profile.expectBad(profile.field('Current password', form), 'not the password');
  await expect(profile.field('E-mail')).toHaveValue('new@example.com');
  await expect(profile.field('Current password', form)).toHaveValue('');
  await profile.field('Current password', form).fill(PASSWORD);
  await profile.press(form);
  await expect(profile.news).toHaveText('Your e-mail address is changed.');
  await page.context().clearCookies();
  await entrance.signIn('new@example.com', PASSWORD);
  await expect(page).toHaveURL(/\/chat$/);
  expect(member.name).toBeTruthy();
});

test('another password signs every other device out', async ({ page, browser, member, server }) => {
  const other = await browser.newContext({ baseURL: server.url });
  const there = await other.newPage();
  await other.request.post('/api/auth/login', {
    headers: { Origin: server.url },
    data: { email: `${member.name}@example.com`, password: PASSWORD },
  });
  await there.goto('/chat');
  await expect(there).toHaveURL(/\/chat$/);

  const profile = new ProfilePage(page);
  await profile.open('password');
  await hydrated(page);
  await expect(profile.field('New password')).toHaveAccessibleDescription(/At least 8 characters/);
  const fill = async (current: string, password: string, again: string) => {
    await profile.field('Current password').fill(current);
    await profile.field('New password').fill(password);
    await profile.field('Password, once more').fill(again);
    await profile.press('Change password');
  };
  await fill(PASSWORD, 'short', 'short');
  await profile.expectBad(profile.field('New password'), 'at least 8');
  await fill(PASSWORD, 'battery-staple-2', 'battery-staple-3');
  await profile.expectBad(profile.field('Password, once more'), 'differ');
  await fill('wrong-horse-1', 'battery-staple-2', 'battery-staple-2');
  await profile.expectBad(profile.field('Current password'), 'not the password');
  await fill(PASSWORD, 'battery-staple-2', 'battery-staple-2');
  await expect(profile.news).toContainText('All other devices were signed out');

  await there.goto('/chat');
  await expect(there).toHaveURL(/\/login/);
  await other.close();
  await page.goto('/chat');
  await expect(page).toHaveURL(/\/chat$/);
});
