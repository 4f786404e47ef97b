// A connection that dies without a word: no end, no reset, only silence.
import { connect, createServer, type AddressInfo, type Server as Listener, type Socket } from 'node:net';
import { expect, test as base } from '../../fixtures.ts';
import { Tab } from '../../pages/tab.ts';

/** Passes bytes on, until it swallows all that the connections of that moment still say. */
class Hole {
  private readonly pairs = new Set<[Socket, Socket]>();
  private constructor(private readonly listener: Listener) {}

  static async open(target: URL): Promise<Hole> {
    const listener = createServer();
    const hole = new Hole(listener);
    listener.on('connection', (near) => {
      const far = connect(Number(target.port), target.hostname);
      const pair: [Socket, Socket] = [near, far];
      hole.pairs.add(pair);
      near.pipe(far);
      far.pipe(near);
      for (const socket of pair) socket.on('error', () => pair.forEach((one) => one.destroy()));
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return hole;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  swallow(): void {
    for (const [near, far] of this.pairs) {
      near.unpipe(far);
      far.unpipe(near);
      near.resume();
      far.resume();
    }
  }

  async close(): Promise<void> {
    for (const pair of this.pairs) pair.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.listener.close(resolve));
  }
}

const test = base.extend<{ hole: Hole }>({
  hole: async ({ server }, use) => {
    const hole = await Hole.open(new URL(server.url));
    await use(hole);
    await hole.close();
  },
  baseURL: async ({ hole }, use) => use(hole.url),
});

test.describe('a connection that falls silent', () => {
  test.use({ model: 'words-100000@10' });

  test('is noticed within 25 seconds and the reply goes on within 30 @desktop', async ({ page, hole }) => {
    test.setTimeout(90_000);
    const made = await page.request.post(`${hole.url}/api/auth/register`, {
      headers: { Origin: hole.url },
      data: { username: 'listener', email: 'listener@example.com', password: 'correct-horse-1' },
    });
    expect(made.status()).toBe(201);
    await page.goto('/chat');
    const tab = await Tab.of(page);
    await tab.chat.say('go');
    await tab.expectWords(10);
    await tab.watch();
    hole.swallow();
    const silent = Date.now();
    await page.waitForTimeout(500);
    const words = (await tab.chat.tokens()).length;
    await tab.expectWords(words + 5, 35_000);
    expect(Date.now() - silent).toBeLessThan(31_000);
    await tab.chat.expectWhole();
    await tab.expectNoFault();
  });
});
