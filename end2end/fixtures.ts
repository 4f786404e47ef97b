// A server of its own for each test that asks for one: the real binary, the real wire format behind it.
import { test as base, expect, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChatPage } from './pages/chat.ts';
import { Queue } from './pages/composer.ts';
import { EntrancePage } from './pages/entrance.ts';

function binary(name: 'PARLANCE_BIN' | 'PARLANCE_UPSTREAM_BIN'): string {
  const path = process.env[name];
  if (!path) throw new Error(`${name} is not set: run \`make browser\``);
  return path;
}

/** Starts a program and waits for the line that tells its address. */
function start(
  path: string,
  args: string[],
  env: Record<string, string>,
  line: RegExp,
): Promise<{ child: ChildProcess; address: string; log: () => string; greeting: () => string }> {
  const child = spawn(path, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let log = '';
  child.stderr!.on('data', (data) => (log += data));
  return new Promise((resolve, reject) => {
    child.stdout!.on('data', (data) => {
      out += data;
      const found = line.exec(out);
      if (found) resolve({ child, address: found[1]!, log: () => log, greeting: () => out });
    });
    child.once('exit', (code) => reject(new Error(`${path} ended with ${code}\n${out}\n${log}`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}

/** The product in front of a provider that behaves as the model's name says. */
export class Server {
  private constructor(
    public readonly url: string,
    private child: ChildProcess,
    private readonly provider: { child: ChildProcess; address: string },
    private readonly env: Record<string, string>,
    private readonly data: string,
    public log: () => string,
    /** What it has said to whoever started it. */
    public readonly greeting: () => string,
  ) {}

  static async start(model: string, settings: Record<string, string> = {}): Promise<Server> {
    const provider = await start(binary('PARLANCE_UPSTREAM_BIN'), [], {}, /(http:\S+\/v1)/);
    const data = mkdtempSync(join(tmpdir(), 'parlance-e2e-'));
    const env: Record<string, string> = {
      PARLANCE_ADDR: '127.0.0.1:0',
      PARLANCE_DATA_DIR: data,
      // What asks the provider of its own accord is switched on by the tests of just that.
      PARLANCE_TITLES: 'off',
      PARLANCE_SUMMARIES: 'off',
      ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, value.replace('{provider}', new URL(provider.address).host)])),
      ...(model === 'demo' ? {} : { OPENAI_BASE_URL: provider.address, OPENAI_MODEL: model }),
    };
    const { child, address, log, greeting } = await start(binary('PARLANCE_BIN'), [], env, /Parlance is at (http:\S+)/);
    return new Server(address, child, provider, env, data, log, greeting);
  }

  /** A crash (SIGKILL) or a deploy (SIGTERM), then the same data on the same address. */
  async killAndRestart(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.down(signal);
    await this.up();
  }

  /** Ends the process: the network of whoever has a page open. */
  async down(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.child.kill(signal);
    await ended(this.child);
  }

  /** Starts it again on the same data and address, with other settings if there are any. */
  async up(settings: Record<string, string> = {}): Promise<void> {
    Object.assign(this.env, settings);
    const env = { ...this.env, PARLANCE_ADDR: new URL(this.url).host };
    const { child, log } = await start(binary('PARLANCE_BIN'), [], env, /Parlance is at (http:\S+)/);
    this.child = child;
    this.log = log;
  }

  /** Where the provider is; the server may call it for people when `settings` say so: `{provider}` stands for its host. */
  get providerUrl(): string {
    return this.provider.address;
  }

  /** Replies that the provider is writing right now. */
  async runningReplies(): Promise<number> {
    const stats = await fetch(new URL('/stats', this.provider.address));
    return ((await stats.json()) as { active_streams: number }).active_streams;
  }

  /** The last bodies that the provider was asked with, newest last. */
  async requests(): Promise<{ messages: { role: string; content: string }[] }[]> {
    const requests = await fetch(new URL('/requests', this.provider.address));
    return ((await requests.json()) as { body: { messages: { role: string; content: string }[] } }[]).map(({ body }) => body);
  }

  async stop(): Promise<void> {
    for (const child of [this.child, this.provider.child]) {
      child.kill('SIGKILL');
      await ended(child);
    }
    rmSync(this.data, { recursive: true, force: true });
  }
}

type Options = { model: string; settings: Record<string, string> };
type Fixtures = { server: Server; entrance: EntrancePage; chat: ChatPage; queue: Queue; member: { name: string }; quiet: void };

let counter = 0;

export const test = base.extend<Options & Fixtures>({
  model: ['words-60@30', { option: true }],
  settings: [{}, { option: true }],
  server: async ({ model, settings }, use) => {
    const server = await Server.start(model, settings);
    await use(server);
    await server.stop();
  },
  baseURL: async ({ server }, use) => use(server.url),
  entrance: async ({ page }, use) => use(new EntrancePage(page)),
  chat: async ({ page }, use) => use(new ChatPage(page)),
  queue: async ({ page }, use) => use(new Queue(page)),
  // A signed-in person, made through the API: the forms have tests of their own.
  member: async ({ page, server }, use) => {
    const name = `member${process.pid}x${counter++}`;
    const response = await page.request.post(`${server.url}/api/auth/register`, {
      headers: { Origin: server.url },
      data: { username: name, email: `${name}@example.com`, password: 'correct-horse-1' },
    });
    expect(response.status()).toBe(201);
    await use({ name });
  },
  // Hydration must be silent, and nothing may break the content security policy.
  quiet: [
    async ({ page }, use) => {
      const said: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) said.push(message.text());
      });
      page.on('pageerror', (error) => said.push(String(error)));
      await use();
      // What a test brings about on purpose: a server that is gone, a refused form.
      const noise = /ERR_CONNECTION|ERR_SOCKET|ERR_FAILED|ERR_INCOMPLETE|ERR_INTERNET|ERR_NETWORK|status of (401|404|409|413|422|429)|favicon|registration blocked by Playwright/;
      expect(said.filter((text) => !noise.test(text))).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Waits until the page has come to life. */
export async function hydrated(page: Page): Promise<void> {
  await page.locator('html[data-hydrated]').waitFor();
}
