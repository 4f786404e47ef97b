// What Chromium says of the app: that it can be installed, and that its manifest has no fault.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '../../fixtures.ts';
import { AppPage } from '../../pages/app.ts';

test.use({ serviceWorkers: 'allow' });

// A private window cannot install, so this one has a profile of its own.
test('can be installed @desktop', async ({ playwright, server }, info) => {
  const profile = mkdtempSync(join(tmpdir(), 'parlance-profile-'));
  const { launchOptions } = info.project.use;
  const context = await playwright.chromium.launchPersistentContext(profile, { ...launchOptions });
  try {
    const page = await context.newPage();
    await page.goto(server.url);
    await new AppPage(page).ready();
    const devtools = await context.newCDPSession(page);
    const { errors, data } = await devtools.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    const manifest = JSON.parse(data!) as Record<string, unknown>;
    expect(manifest).toMatchObject({ id: '/', display: 'standalone', name: 'Parlance' });
    await expect
      .poll(async () => (await devtools.send('Page.getInstallabilityErrors')).installabilityErrors)
      .toEqual([]);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
});

test('is offered at the third visit, and not again when it was put off @desktop', async ({ page, context, member }) => {
  const prompt = () =>
    page.evaluate(() => {
      const event = new Event('beforeinstallprompt', { cancelable: true });
      Object.assign(event, { prompt: async () => ({ outcome: 'accepted' }) });
      dispatchEvent(event);
    });
  const app = new AppPage(page);
  const offer = app.notices.getByText('install it as an app', { exact: false });
  await page.goto('/chat');
  await app.ready();
  await prompt();
  await expect(page.locator('html[data-installable]')).toHaveCount(1);
  await expect(offer).toBeHidden();
  await page.evaluate(() => localStorage.setItem('visits', '3'));
  await page.reload();
  await app.ready();
  await prompt();
  await expect(offer).toBeVisible();
  await app.notices.getByRole('button', { name: 'Not now' }).click();
  await expect(offer).toBeHidden();
  const put = (await context.cookies()).find(({ name }) => name === 'pwa-install');
  expect(put!.expires - Date.now() / 1000).toBeGreaterThan(29 * 24 * 3600);
  await page.reload();
  await app.ready();
  await prompt();
  await page.waitForTimeout(300);
  await expect(offer).toBeHidden();
  expect(member.name).toBeTruthy();
});

test.describe('push', () => {
  test.use({
    model: 'words-400@10',
    settings: {
      PARLANCE_VAPID_KEY: 'RS0WdYWWo1HajXg3NZR1olzCf31i-ZBGDkFyCs7j1jw',
      PARLANCE_VAPID_SUBJECT: 'mailto:owner@example.com',
    },
  });

  test('the worker tells of a reply, and a click leads to it @desktop', async ({ page, chat, member, context, server }) => {
    await context.grantPermissions(['notifications'], { origin: server.url });
    const app = new AppPage(page);
    await chat.openNew();
    await app.ready();
    const [worker] = context.serviceWorkers();
    const id = '0190f4e0-0000-7000-8000-000000000000';
    const shown = await worker!.evaluate(async (id) => {
      type Scope = { told(message: unknown): Promise<void>; registration: ServiceWorkerRegistration };
      const scope = self as unknown as Scope;
      await scope.told({ id, title: 'A plan for May' });
      const notes = await scope.registration.getNotifications();
      return notes.map(({ title, body, tag }) => ({ title, body, tag }));
    }, id);
    expect(shown).toEqual([{ title: 'A plan for May', body: 'The reply is there.', tag: id }]);
    expect(member.name).toBeTruthy();
  });
});
