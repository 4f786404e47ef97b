// What the scenes share: a server with a long conversation in it, and a browser as slow as a telephone's.
import type { Browser, BrowserContext, CDPSession, Page } from '@playwright/test';
import { Server } from '../fixtures.ts';

/** DevTools' "slow 4G" and a processor of a quarter of the speed (`goals.md`, Page). */
const SLOW_NETWORK = { offline: false, latency: 562, downloadThroughput: 1.47e6 / 8, uploadThroughput: 675e3 / 8 };
const SLOW_PROCESSOR = 4;

/** Turns are asked for over the API; what the model is sent of a long conversation is kept short, so that it is quick. */
const SETTINGS = {
  OPENAI_CONTEXT_TOKENS: '2000',
  PARLANCE_USER_PERMITS: '8',
  // Thousands of turns, as fast as they are answered.
  PARLANCE_RATE_USER_SENDS: '1000000',
  PARLANCE_RATE_ADDRESS_SENDS: '1000000',
};

export class Stage {
  private constructor(
    readonly server: Server,
    private readonly cookie: string,
  ) {}

  static async set(settings: Record<string, string> = {}): Promise<Stage> {
    // `as-said`: each message begins with the name of the model that is to answer it.
    const server = await Server.start('as-said', { ...SETTINGS, ...settings });
    const response = await fetch(`${server.url}/api/auth/register`, {
      method: 'POST',
      headers: { Origin: server.url, 'Content-Type': 'application/json' },
      body: JSON.stringify({ username: 'reader', email: 'reader@example.com', password: 'correct-horse-1' }),
    });
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
    if (response.status !== 201 || !cookie) throw new Error(`no account: ${response.status}`);
    return new Stage(server, cookie);
  }

  async strike(): Promise<void> {
    await this.server.stop();
  }

  private post(path: string, body: unknown, accept = 'application/json'): Promise<Response> {
    return fetch(this.server.url + path, {
      method: 'POST',
      headers: { Origin: this.server.url, Cookie: this.cookie, 'Content-Type': 'application/json', Accept: accept },
      body: JSON.stringify(body),
    });
  }

  /** A conversation of so many messages, half of them replies of about 500 characters of Markdown. */
  async conversation(messages: number): Promise<string> {
    const made = (await (await this.post('/api/v1/conversations', {})).json()) as { id: string };
    for (let turn = 0; turn < messages / 2; turn++) {
      const answer = await this.post(
        `/api/v1/conversations/${made.id}/messages`,
        { content: `essay-120 Question ${turn + 1}: what is the sum of the first odd numbers?`, client_message_id: `turn-${made.id}-${turn}` },
        'text/event-stream',
      );
      const text = await answer.text();
      if (!text.includes('"op":"final"')) throw new Error(`turn ${turn} was answered ${answer.status} ${text.slice(0, 300)}`);
    }
    return `/chat/${made.id}`;
  }

  /** A browser that has never been here, signed in. */
  async visitor(browser: Browser): Promise<BrowserContext> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const [name, value] = this.cookie.split('=') as [string, string];
    await context.addCookies([{ name, value, url: this.server.url, httpOnly: true, sameSite: 'Lax' }]);
    return context;
  }
}

/** Makes the page slow, from now on. */
export async function slow(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', SLOW_NETWORK);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOW_PROCESSOR });
  return session;
}

/** The value in the middle. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

export type Row = { what: string; measured: string; goal: string; met: boolean };

/** A row whose figure is to be no more than `goal`. */
export function row(what: string, value: number, goal: number, unit: string, digits = 0): Row {
  const bound = Number.isFinite(goal) ? `≤ ${goal} ${unit}` : '';
  return { what, measured: `${value.toFixed(digits)} ${unit}`, goal: bound, met: value <= goal };
}

/** Prints rows as they stand in `benches/RESULTS.md`. */
export function print(title: string, rows: Row[]): void {
  const lines = rows.map(({ what, measured, goal, met }) => `| ${what} | ${measured} | ${goal}${met ? '' : ' · missed'} |`);
  console.log([`\n${title}`, '| | measured | goal |', '|---|---|---|', ...lines, ''].join('\n'));
}
