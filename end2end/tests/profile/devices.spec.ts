// Where one is signed in.
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { expect, hydrated, test } from '../../fixtures.ts';
import { PASSWORD, ProfilePage } from '../../pages/profile.ts';

test.use({ model: 'demo' });

/** Signs in with another browser. */
async function elsewhere(browser: Browser, url: string, name: string, userAgent: string): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ baseURL: url, userAgent });
  const answer = await context.request.post('/api/auth/login', {
    headers: { Origin: url },
    data: { email: `${name}@example.com`, password: PASSWORD },
  });
  expect(answer.status()).toBe(200);
  return { context, page: await context.newPage() };
}

const FOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const PHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1';

test('one device is signed out, then all others', async ({ page, browser, member, server }) => {
  const fox = await elsewhere(browser, server.url, member.name, FOX);
  const phone = await elsewhere(browser, server.url, member.name, PHONE);
  const profile = new ProfilePage(page);
  await profile.open('devices');
  await hydrated(page);
  const rows = profile.main.getByRole('list', { name: 'Devices' }).getByRole('listitem');
  await expect(rows).toHaveCount(3);
  await expect(rows.first()).toContainText('This device');
  await expect(rows.first().getByRole('button')).toHaveCount(0);
  await expect(rows.first()).toContainText('127.0.0.1');

  await rows.filter({ hasText: 'Firefox on Linux' }).getByRole('button', { name: 'Sign out' }).click();
  await expect(profile.news).toHaveText('The device is signed out.');
  await expect(rows).toHaveCount(2);
  await fox.page.goto('/chat');
  await expect(fox.page).toHaveURL(/\/login/);
  await phone.page.goto('/chat');
  await expect(phone.page).toHaveURL(/\/chat$/);

  await profile.press('Sign out everywhere else');
  await expect(profile.news).toHaveText('All other devices are signed out.');
  await expect(rows).toHaveCount(1);
  await expect(profile.main).toContainText('You are signed in nowhere else.');
  await phone.page.goto('/chat');
  await expect(phone.page).toHaveURL(/\/login/);
  await fox.context.close();
  await phone.context.close();
});

test('moments are told in the time of the reader', async ({ page, member }) => {
  await page.context().addCookies([{ name: 'tz', value: 'Asia%2FShanghai', url: page.url() === 'about:blank' ? 'http://127.0.0.1' : page.url() }]);
  const profile = new ProfilePage(page);
  await profile.open('devices');
  const here = new Intl.DateTimeFormat('en-US', { timeZone: 'Asia/Shanghai', hour: 'numeric', minute: '2-digit' });
  const [soon, late] = [here.format(Date.now()), here.format(Date.now() - 60_000)];
  await expect(profile.main.locator('.profile-row')).toContainText(new RegExp(`${soon}|${late}`));
  expect(member.name).toBeTruthy();
});
