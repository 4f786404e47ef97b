// What a real browser makes of our headers and cookies: nothing of ours is stopped, everything foreign is.
import type { Page } from '@playwright/test';
import { expect, hydrated, test } from '../../fixtures.ts';
import { EntrancePage } from '../../pages/entrance.ts';
import { code, PASSWORD, ProfilePage } from '../../pages/profile.ts';
import { SidebarPage } from '../../pages/sidebar.ts';

/** Every violation of the policy on this page, on whichever document, as `directive address`. */
async function violations(page: Page): Promise<string[]> {
  const seen: string[] = [];
  await page.exposeFunction('noteViolation', (text: string) => seen.push(text));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const note = (window as unknown as { noteViolation(text: string): void }).noteViolation;
      note(`${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
  return seen;
}

test('nothing that a person does in a day breaks the policy', async ({ page, entrance, chat }) => {
  const seen = await violations(page);
  await page.goto('/');
  await entrance.register('Wang Fang', 'fang@example.com', 'correct-horse-1');
  await expect(page).toHaveURL(/\/chat$/);
  await hydrated(page);
  await chat.say('Show me **bold**, `code` and $x^2$.');
  await chat.expectStatus('completed');
  await page.reload();
  await hydrated(page);
  for (const path of ['/settings/general', '/settings/appearance', '/settings/chat', '/profile', '/api/docs/']) {
    await page.goto(path);
    await page.waitForLoadState('networkidle');
  }
  await page.goto('/chat');
  await hydrated(page);
  await new SidebarPage(page).signOut();
  await expect(page).not.toHaveURL(/\/chat/);
  for (const path of ['/login', '/register', '/forgot', '/nowhere']) {
    await page.goto(path);
    await page.waitForLoadState('load');
  }
  expect(seen).toEqual([]);
});

test('the pages of an account, and those of letters, break the policy as little', async ({ page, member, entrance, server }) => {
  test.slow();
  const seen = await violations(page);
  /** Everything that a script of the page could read later. */
  const kept = () =>
    page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
  const profile = new ProfilePage(page);
  // With what they show a single time: the picture of the secret, the codes, a key.
  const { secret, codes } = await profile.enrol();
  expect(codes).toHaveLength(10);
  await hydrated(page);
  await profile.open('keys');
  await hydrated(page);
  await profile.field('What is it for?').fill('a script');
  await profile.field('Current password').fill(PASSWORD);
  await profile.press('Make a key');
  const made = await profile.main.locator('.profile-secret').innerText();
  expect(made).toMatch(/^plk_[\w-]{40,}$/);
  await hydrated(page);
  expect(await kept()).not.toContain(made);
  for (const part of ['', 'password', 'devices', 'factor', 'keys', 'data'] as const) {
    await profile.open(part);
    await hydrated(page);
    await page.waitForLoadState('networkidle');
    const source = await page.content();
    for (const shown of [made, secret, ...codes]) {
      expect(source).not.toContain(shown);
      expect(await kept()).not.toContain(shown);
    }
  }
  // In again, by the page that asks for the code.
  await page.context().clearCookies();
  await entrance.signIn(`${member.name}@example.com`, PASSWORD);
  await expect(page).toHaveURL(/\/factor/);
  await hydrated(page);
  await page.getByLabel('Code', { exact: true }).fill(code(secret, 1));
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/chat$/);
  await page.context().clearCookies();
  for (const path of ['/factor', '/forgot', '/reset', '/reset?token=x', '/verify', '/verify?token=x', '/setup', '/setup?token=x']) {
    const answer = await page.goto(path);
    expect(answer!.status()).toBeLessThan(400);
    await hydrated(page);
    await page.waitForLoadState('networkidle');
  }
  expect(seen).toEqual([]);
  expect(server.log()).not.toContain('a page broke its policy');
});

test('the session is a cookie that no script sees and no other site sends', async ({ page, member, server }) => {
  await page.goto('/chat');
  await hydrated(page);
  const cookies = await page.context().cookies();
  const session = cookies.find((cookie) => cookie.name === 'parlance');
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', secure: false, domain: '127.0.0.1' });
  expect(session!.value.length).toBeGreaterThanOrEqual(43);
  expect(await page.evaluate(() => document.cookie)).not.toContain(session!.value);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept).not.toContain(session!.value);
  expect(kept).not.toContain(member.name);
  // A form of another site: `localhost` is another one than 127.0.0.1.
  const foreign = await page.context().newPage();
  await foreign.route('http://localhost:1/**', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${server.url}/rpc/parlance_ui/rpc/accounts/logout"><button>go</button></form>`,
    }),
  );
  await foreign.goto('http://localhost:1/');
  const [answer] = await Promise.all([
    foreign.waitForResponse((response) => response.url().includes('/rpc/')),
    foreign.getByRole('button').click(),
  ]);
  expect(answer.status()).toBe(403);
  expect((await page.request.get('/api/session')).status()).toBe(200);
});

test('a script that is slipped into a page is dead, and the operator hears of it', async ({ browser, server }) => {
  // A context of its own: this page complains on purpose.
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  const seen = await violations(page);
  const slipped = `<script>window.slipped = 1</script><img src="data:," onerror="window.slipped = 2">
    <script src="https://evil.example/x.js"></script><style>body { display: none }</style>
    <iframe src="https://evil.example/"></iframe><base href="https://evil.example/">`;
  await page.route('**/login', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace('</main>', `</main>${slipped}`);
    await route.fulfill({ response, body });
  });
  await page.goto('/login');
  await hydrated(page);
  // Markup that a script of ours would put in is as dead as what the page came with.
  await page.evaluate(() => {
    const box = document.createElement('div');
    box.innerHTML = '<script>window.slipped = 3</script><img src="data:," onerror="window.slipped = 4">';
    document.body.append(box);
  });
  await page.waitForTimeout(300);
  expect(await page.evaluate(() => (window as unknown as { slipped?: number }).slipped)).toBeUndefined();
  await expect(page.getByRole('main')).toBeVisible();
  for (const directive of ['script-src-elem inline', 'script-src-attr inline', 'script-src-elem https://evil.example', 'style-src-elem inline', 'base-uri https://evil.example']) {
    await expect.poll(() => seen.filter((one) => one.startsWith(directive)), `among ${seen.join(', ')}`).not.toEqual([]);
  }
  await expect.poll(() => server.log()).toContain('a page broke its policy');
  await context.close();
});

test('a page cannot be framed, and sends nobody its address', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  const referrers: (string | undefined)[] = [];
  await page.route('http://localhost:1/**', (route) => {
    referrers.push(route.request().headers().referer);
    return route.fulfill({ contentType: 'text/html', body: `<iframe src="${server.url}/login"></iframe>` });
  });
  await page.goto('http://localhost:1/');
  await page.waitForLoadState('networkidle');
  const framed = page.frames().find((frame) => frame !== page.mainFrame());
  await expect.poll(async () => framed?.locator('form').count().catch(() => 0)).toBe(0);
  await new EntrancePage(page).signIn('a@example.com', 'wrong-horse-1');
  await page.evaluate(() => location.assign('http://localhost:1/again'));
  await page.waitForURL('**/again');
  expect(referrers.at(-1)).toBeUndefined();
  await context.close();
});
