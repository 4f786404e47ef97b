// A conversation that is longer than its page.
import { expect, type Locator, type Page } from '@playwright/test';
import type { Server } from '../fixtures.ts';

export type Said = { path: string; ids: string[] };

/** Makes a conversation of so many turns over the API; `words` is what is said in a turn, numbered from 0. */
export async function converse(
  page: Page,
  server: Server,
  turns: number,
  words: (turn: number) => string = (turn) => `Question ${turn}`,
): Promise<Said> {
  const post = (path: string, data: unknown, accept = 'application/json') =>
    page.request.post(server.url + path, { headers: { Origin: server.url, Accept: accept }, data });
  const made = (await (await post('/api/v1/conversations', {})).json()) as { id: string };
  const path = `/api/v1/conversations/${made.id}/messages`;
  for (let turn = 0; turn < turns; turn++) {
    const answer = await post(path, { content: words(turn), client_message_id: `t${turn}` }, 'text/event-stream');
    expect(await answer.text()).toContain('"op":"final"');
  }
  // All of them, the oldest first.
  const ids: string[] = [];
  for (let before = ''; ; ) {
    const stretch = await page.request.get(`${server.url}${path}?limit=100${before}`);
    const { items, earlier } = (await stretch.json()) as { items: { id: string }[]; earlier: boolean };
    ids.unshift(...items.map((item) => item.id));
    if (!earlier) break;
    before = `&before=${ids[0]}`;
  }
  return { path: `/chat/${made.id}`, ids };
}

/** The scrolled part of the page. */
export class Thread {
  readonly frame: Locator;
  readonly latest: Locator;

  constructor(private readonly page: Page) {
    this.frame = page.locator('.thread-frame');
    this.latest = page.locator('.to-end');
  }

  turn(id: string): Locator {
    return this.page.locator(`[id="m-${id}"]`);
  }

  /** What is left below the view, CSS pixels. */
  async left(): Promise<number> {
    return this.frame.evaluate((frame) => frame.scrollHeight - frame.scrollTop - frame.clientHeight);
  }

  /** How far below the top of the view the element stands, CSS pixels. */
  async below(element: Locator): Promise<number> {
    return element.evaluate(
      (one) => one.getBoundingClientRect().top - document.querySelector('.thread-frame')!.getBoundingClientRect().top,
    );
  }

  async wheel(y: number): Promise<void> {
    const box = (await this.frame.boundingBox())!;
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await this.frame.evaluate((frame: HTMLElement) => {
      delete frame.dataset.turned;
      frame.addEventListener('wheel', () => (frame.dataset.turned = ''), { once: true, passive: true });
    });
    await this.page.mouse.wheel(0, y);
    await this.page.locator('.thread-frame[data-turned]').waitFor();
    await this.rest();
  }

  /** Waits until the thread has stood still for a while; where text keeps moving it on, for two seconds. */
  async rest(): Promise<void> {
    await this.frame.evaluate(async (frame) => {
      const until = performance.now() + 2_000;
      let top = frame.scrollTop;
      for (let still = 0; still < 12 && performance.now() < until; ) {
        await new Promise(requestAnimationFrame);
        still = frame.scrollTop === top ? still + 1 : 0;
        top = frame.scrollTop;
      }
    });
  }

  async scrollTo(top: number): Promise<void> {
    await this.frame.evaluate((frame, top) => frame.scrollTo({ top, behavior: 'instant' }), top);
  }

  async expectAtEnd(): Promise<void> {
    await expect.poll(() => this.left()).toBeLessThan(3);
  }

  async expectPinned(pinned: boolean, timeout?: number): Promise<void> {
    await expect(this.frame).toHaveAttribute('data-pinned', String(pinned), { timeout });
  }
}
