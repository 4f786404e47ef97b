// Two builds, A and then B, with a live worker: an open page stays whole, hears of it, and gets B when asked to.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, hydrated, test } from '../../fixtures.ts';
import { AppPage } from '../../pages/app.ts';
import { anotherBuild, buildOf } from './builds.ts';

test.use({ serviceWorkers: 'allow', model: 'words-20@5' });

let dir: string;
test.beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'parlance-build-'));
  anotherBuild(join(dir, 'site'));
});
test.afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Every file of the page's build that was fetched, and none of another. */
function watch(page: Page): string[] {
  const broken: string[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/pkg/') && !response.ok()) broken.push(response.url());
  });
  page.on('pageerror', (error) => broken.push(String(error)));
  return broken;
}

async function build(page: Page): Promise<string | null> {
  return page.locator('html').getAttribute('data-build');
}

test('an open page outlives its build, hears of the next, and reloads into it @desktop', async ({ page, chat, member, server }) => {
  const [a, b] = [buildOf(), buildOf(join(dir, 'site'))];
  const app = new AppPage(page);
  const broken = watch(page);
  await chat.openNew();
  await app.ready();
  expect(await build(page)).toBe(a);

  await server.down('SIGTERM');
  await server.up({ PARLANCE_SITE_DIR: join(dir, 'site') });
  // The page of build A goes on: it sends, and loads the rest of its own files.
  await chat.say('still here');
  await chat.expectStatus('completed');
  await chat.expectWhole(20);
  expect(await build(page)).toBe(a);
  const update = app.notices.getByText('A new version is ready.');
  await expect(update).toBeVisible();
  // Both builds are there until somebody asks for the new one.
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())!.update());
  await page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration())?.waiting != null);
  expect((await app.caches()).filter((name) => name.startsWith('app-'))).toEqual([`app-${a}`, `app-${b}`].sort());

  const reloaded = page.waitForEvent('load');
  await app.notices.getByRole('button', { name: 'Reload' }).click();
  await reloaded;
  await hydrated(page);
  expect(await build(page)).toBe(b);
  await expect(update).toBeHidden();
  await page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration())?.waiting == null);
  await chat.expectWhole(20);
  expect(broken).toEqual([]);
  expect(member.name).toBeTruthy();
});

test('a page without a worker outlives its build too @desktop', async ({ page, chat, member, server }) => {
  await page.route('**/sw.js', (route) => (route.request().method() === 'GET' ? route.abort() : route.continue()));
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined });
  });
  const broken = watch(page);
  await chat.openNew();
  // What hears of another build in every answer comes when the page has come to rest.
  await page.waitForFunction(() => !String(self.fetch).includes('[native code]'));
  await server.down('SIGTERM');
  await server.up({ PARLANCE_SITE_DIR: join(dir, 'site') });
  // The renderer is a part of build A that was not fetched yet.
  await chat.say('still here');
  await chat.expectStatus('completed');
  await chat.expectWhole(20);
  const app = new AppPage(page);
  await app.notices.getByRole('button', { name: 'Reload' }).click();
  await expect.poll(() => build(page)).toBe(buildOf(join(dir, 'site')));
  await hydrated(page);
  expect(broken).toEqual([]);
  expect(member.name).toBeTruthy();
});

test('a kept page of a build that is gone is read without its scripts @desktop', async ({ page, chat, member, server }) => {
  const app = new AppPage(page);
  await chat.openNew();
  await app.ready();
  await chat.say('read without scripts');
  await chat.expectStatus('completed');
  await app.isKept();
  const path = new URL(page.url()).pathname;
  // As if two more builds had come since.
  await page.evaluate(async (old) => {
    const name = (await caches.keys()).find((one) => one.startsWith('read-'))!;
    const cache = await caches.open(name);
    const kept = (await cache.match(old))!;
    const html = (await kept.text()).replace(/data-build="[^"]*"/, 'data-build="gone"').replace(/\/pkg\/main\.[0-9a-f]+/, '/pkg/main.00');
    await cache.put(old, new Response(html, { headers: kept.headers }));
  }, path);
  await server.down();
  await page.reload();
  await expect(chat.questions.filter({ hasText: 'read without scripts' })).toBeVisible();
  await expect(page.locator('html[data-still]')).toHaveCount(1);
  await expect(chat.composer).toBeHidden();
  await page.waitForTimeout(500);
  await expect(page.locator('html[data-hydrated]')).toHaveCount(0);
  const style = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--space-1'));
  expect(style).not.toBe('');
  await expect(app.notices.getByText('Offline. You can go on reading.')).toBeVisible();
  expect(member.name).toBeTruthy();
});
