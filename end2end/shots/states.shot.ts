// Every page, and every state of the conversation's page that a person can meet. Locators here know no language.
import { test, type Page } from '@playwright/test';
import { hydrated, Server } from '../fixtures.ts';
import { code, PASSWORD } from '../pages/profile.ts';
import { keep, lookAt, LOOKS, sheet, type Look } from './looks.ts';

type State = {
  /** Where it begins. */
  path: string;
  /** A stranger sees it. */
  stranger?: boolean;
  /** It has no part that comes to life. */
  still?: boolean;
  settings?: Record<string, string>;
  /** Who looks has shown no address to be theirs, where that is asked for. */
  unverified?: boolean;
  /** Looks in which there is such a state. */
  only?: (look: Look) => boolean;
  arrange?: (page: Page, server: Server) => Promise<void>;
};

const narrow = (look: Look) => look.width < 768;
const wide = (look: Look) => !narrow(look);

async function say(page: Page, text: string): Promise<void> {
  await page.locator('textarea[name=text]').fill(text);
  await page.locator('.composer-send').click();
}

async function ended(page: Page, status: string): Promise<void> {
  await page.locator(`article[data-role=assistant][data-status=${status}]`).last().waitFor({ timeout: 30_000 });
}

async function conversation(page: Page): Promise<void> {
  await say(page, 'markdown Warum ist die Summe ungerader Zahlen ein Quadrat? 为什么奇数之和是平方数？');
  await ended(page, 'completed');
  await page.waitForURL(/\/chat\/[0-9a-f-]{36}/);
}

async function click(page: Page, selector: string): Promise<void> {
  await page.locator(selector).last().click();
}

async function enrol(page: Page): Promise<void> {
  await page.locator('input[name=current_password]').fill(PASSWORD);
  await click(page, 'main form button[type=submit]');
  const secret = (await page.locator('.profile-secret').innerText()).replaceAll(' ', '');
  await page.locator('input[name=code]').fill(code(secret));
  await click(page, 'main form button[type=submit]');
  await page.locator('.profile-codes').waitFor();
  await hydrated(page);
}

const STATES: Record<string, State> = {
  landing: { path: '/', stranger: true },
  login: { path: '/login', stranger: true },
  register: { path: '/register', stranger: true },
  'register-refused': {
    path: '/register',
    stranger: true,
    arrange: async (page) => {
      await click(page, 'main form button[type=submit]');
      await page.locator('[aria-invalid=true]').first().waitFor();
    },
  },
  registered: { path: '/register?sent=1', stranger: true },
  forgot: { path: '/forgot?sent=1', stranger: true },
  reset: { path: '/reset?token=x', stranger: true },
  verify: { path: '/verify?token=x', stranger: true },
  'set-up': { path: '/setup', stranger: true },
  roles: { path: '/roles' },
  'roles-new': { path: '/roles/new' },
  contexts: { path: '/contexts' },
  'contexts-new': { path: '/contexts/new' },
  models: { path: '/models' },
  'models-new': { path: '/models/new?preset=DeepSeek' },
  'models-refused': {
    path: '/models/new?preset=Ollama',
    arrange: async (page) => {
      await click(page, 'main form button[formaction]');
      await page.locator('.notice-error').waitFor();
      await hydrated(page);
    },
  },
  'model-choice': {
    path: '/chat',
    arrange: async (page) => {
      await conversation(page);
      await click(page, '.model-chosen');
    },
  },
  'model-parameters': {
    path: '/chat',
    arrange: async (page) => {
      await conversation(page);
      await page.goto(`${page.url()}/model`);
      await hydrated(page);
    },
  },
  profile: { path: '/profile' },
  'profile-password': {
    path: '/profile/password',
    arrange: async (page) => {
      await click(page, 'main form button[type=submit]');
      await page.locator('[aria-invalid=true]').first().waitFor();
    },
  },
  'profile-devices': { path: '/profile/devices' },
  'profile-factor': { path: '/profile/factor' },
  'profile-factor-begun': {
    path: '/profile/factor',
    arrange: async (page) => {
      await page.locator('input[name=current_password]').fill(PASSWORD);
      await click(page, 'main form button[type=submit]');
      await page.locator('.profile-picture').waitFor();
    },
  },
  'profile-factor-codes': { path: '/profile/factor', arrange: enrol },
  'profile-factor-on': {
    path: '/profile/factor',
    arrange: async (page) => {
      await enrol(page);
      await page.reload();
      await hydrated(page);
    },
  },
  factor: {
    path: '/profile/factor',
    arrange: async (page) => {
      await enrol(page);
      const email = await page.evaluate(async () => ((await (await fetch('/api/session')).json()) as { user: { email: string } }).user.email);
      await page.evaluate(() => document.querySelector<HTMLFormElement>('form.sign-out')!.requestSubmit());
      await page.waitForURL((url) => !url.pathname.startsWith('/profile'));
      await page.goto(new URL('/login', page.url()).href);
      await page.locator('input[name=email]').fill(email);
      await page.locator('input[name=password]').fill(PASSWORD);
      await click(page, 'main form button[type=submit]');
      await page.locator('input[name=code]').waitFor();
    },
  },
  unverified: { path: '/chat', unverified: true },
  'profile-unverified': { path: '/profile', unverified: true },
  'profile-keys': {
    path: '/profile/keys',
    arrange: async (page) => {
      await page.locator('input[name=name]').fill('Backup');
      await page.locator('input[name=current_password]').fill(PASSWORD);
      await click(page, 'main form button[type=submit]');
      await page.locator('.profile-once').waitFor();
    },
  },
  'profile-data': { path: '/profile/data' },
  missing: { path: '/nowhere', stranger: true },
  offline: { path: '/offline', stranger: true, still: true },
  kit: { path: '/kit' },
  new: { path: '/chat' },
  conversation: { path: '/chat', arrange: conversation },
  context: {
    path: '/chat',
    arrange: async (page) => {
      await conversation(page);
      await page.goto(`${page.url().split(/[?#]/)[0]}/context`);
      await hydrated(page);
    },
  },
  thinking: {
    path: '/chat',
    arrange: async (page) => {
      await say(page, 'think-400+words-10@20 Think about it');
      await page.waitForTimeout(3_500);
    },
  },
  streaming: {
    path: '/chat',
    arrange: async (page) => {
      await say(page, 'essay-2000@80 Tell me everything');
      await page.locator('[data-status=streaming] .prose').waitFor();
      await page.waitForTimeout(4_000);
    },
  },
  'streaming-queued': {
    path: '/chat',
    arrange: async (page) => {
      await say(page, 'essay-2000@40 Tell me everything');
      await page.locator('[data-status=streaming] .prose').waitFor();
      await page.waitForTimeout(1_000);
      await page.locator('textarea[name=text]').fill('And what about the even ones? 那偶数呢？');
      await page.keyboard.press('Control+Enter');
      await page.waitForTimeout(500);
    },
  },
  stopped: {
    path: '/chat',
    arrange: async (page) => {
      await say(page, 'essay-2000@80 Tell me everything');
      await page.locator('[data-status=streaming] .prose').waitFor();
      await page.waitForTimeout(1_500);
      await click(page, '.composer-stop');
      await ended(page, 'stopped');
    },
  },
  failed: {
    path: '/chat',
    arrange: async (page) => {
      await say(page, 'fault-401 This cannot be answered');
      await page.locator('.state-line[data-status=failed]').waitFor({ timeout: 30_000 });
    },
  },
  versions: {
    path: '/chat',
    arrange: async (page) => {
      await conversation(page);
      await click(page, '[data-act=regenerate]');
      await page.locator('.versions').first().waitFor({ timeout: 20_000 });
      await ended(page, 'completed');
    },
  },
  editing: {
    path: '/chat',
    arrange: async (page) => {
      await conversation(page);
      await page.locator('[data-act=edit]').first().click();
      await page.locator('.edit-text').waitFor();
    },
  },
  comparing: {
    path: '/chat',
    settings: { PARLANCE_EGRESS_ALLOW: '{provider}' },
    arrange: async (page, server) => {
      await page.request.post(`${server.url}/api/model_config/create`, {
        headers: { Origin: server.url },
        data: { name: 'Other', url: server.providerUrl, model_name: 'as-said' },
      });
      await page.reload();
      await hydrated(page);
      await page.locator('.model-begin .model-with').first().selectOption({ label: 'Other' });
      await say(page, 'essay-120 Tell me about odd numbers 说说奇数');
      await page.locator('.lane[data-status=completed]').nth(1).waitFor({ timeout: 30_000 });
    },
  },
  details: {
    path: '/chat',
    arrange: async (page) => {
      await conversation(page);
      await click(page, '[data-act=details]');
      await page.waitForTimeout(300);
    },
  },
  drawer: {
    path: '/chat',
    only: narrow,
    arrange: async (page) => {
      await conversation(page);
      await click(page, '.drawer-toggle[popovertarget]');
    },
  },
  'sidebar-closed': {
    path: '/chat',
    only: wide,
    arrange: async (page) => {
      await conversation(page);
      await click(page, '#sidebar-toggle');
    },
  },
  shortcuts: {
    path: '/chat',
    only: wide,
    arrange: async (page) => {
      await page.keyboard.press('Control+/');
      await page.locator('dialog#shortcuts[open]').waitFor();
    },
  },
  find: {
    path: '/chat',
    arrange: async (page) => {
      await conversation(page);
      await click(page, '.chat-header a[href*="?find="]');
      await page.locator('.find-text').fill('odd');
      await page.locator('.find mark').first().waitFor();
    },
  },
  reconnecting: {
    path: '/chat',
    arrange: async (page) => {
      await conversation(page);
      await page.context().setOffline(true);
      await page.waitForTimeout(4_000);
    },
  },
  history: {
    path: '/chat',
    arrange: async (page) => {
      await conversation(page);
      await page.goto(new URL('/history', page.url()).href);
      await hydrated(page);
    },
  },
  'settings-general': { path: '/settings/general' },
  'settings-appearance': { path: '/settings/appearance' },
  'settings-chat': { path: '/settings/chat' },
  'settings-shortcuts': { path: '/settings/shortcuts' },
};

/** Begins the server again, asking for addresses to be confirmed or not: who registers while it does has shown theirs. */
async function verification(server: Server, asked: 'off' | 'required'): Promise<void> {
  await server.down('SIGTERM');
  await server.up({ PARLANCE_EMAIL_VERIFICATION: asked });
}

for (const [name, state] of Object.entries(STATES)) {
  test(name, async ({ browser }) => {
    const server = await Server.start('as-said', state.settings ?? {});
    const pictures = new Map<Look, string>();
    for (const look of LOOKS.filter(state.only ?? (() => true))) {
      const context = await lookAt(browser, look, server.url);
      const page = await context.newPage();
      if (!state.stranger) {
        if (state.unverified) await verification(server, 'off');
        const person = `${look.locale === 'en' ? 'Marianne' : '林语'}${pictures.size}`;
        const response = await page.request.post(`${server.url}/api/auth/register`, {
          headers: { Origin: server.url },
          data: { username: person, email: `reader${pictures.size}@example.com`, password: PASSWORD },
        });
        if (response.status() !== 201) throw new Error(await response.text());
        if (state.unverified) await verification(server, 'required');
      }
      await page.goto(server.url + state.path);
      if (!state.still) await hydrated(page);
      await state.arrange?.(page, server);
      pictures.set(look, await keep(page, name, look));
      await context.close();
    }
    await sheet(browser, name, pictures);
    await server.stop();
  });
}
