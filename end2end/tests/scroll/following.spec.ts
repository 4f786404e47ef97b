// The end is followed for as long as the reader wants it.
import type { Page } from '@playwright/test';
import { expect, hydrated, test } from '../../fixtures.ts';
import { isSend } from '../../pages/composer.ts';
import { converse, Thread } from '../../pages/long.ts';

test.describe('while a reply is being written', () => {
  test.use({ model: 'words-4000@30' });

  test('the end is followed until the reader turns back, and again when they return @desktop', async ({ page, chat, member }) => {
    const thread = new Thread(page);
    await chat.openNew();
    await chat.say('Write a great deal');
    await expect.poll(async () => thread.frame.evaluate((frame) => frame.scrollHeight - frame.clientHeight)).toBeGreaterThan(300);
    await thread.expectPinned(true);
    await expect.poll(() => thread.left()).toBeLessThan(70);

    await thread.wheel(-250);
    await thread.expectPinned(false);
    const first = chat.questions.first();
    const before = await thread.below(first);
    const written = (await chat.tokens()).length;
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(written + 20);
    expect(Math.abs((await thread.below(first)) - before)).toBeLessThan(2);

    await expect(thread.latest).toBeVisible();
    await expect(thread.latest.locator('.to-end-fresh')).toBeVisible();
    await thread.latest.click();
    await thread.expectPinned(true);
    await expect(thread.latest).toBeHidden();
    await expect.poll(() => thread.left()).toBeLessThan(70);
    expect(member.name).toBeTruthy();
  });

  test('keys and the scroll bar let go, and scrolling down to the end takes hold again @desktop', async ({ page, chat, member }) => {
    const thread = new Thread(page);
    await chat.openNew();
    await chat.say('Write a great deal');
    await expect.poll(async () => thread.frame.evaluate((frame) => frame.scrollHeight - frame.clientHeight)).toBeGreaterThan(600);
    // In a field with text the arrow is the field's own.
    await chat.composer.fill('a');
    await chat.composer.press('ArrowUp');
    await thread.expectPinned(true);
    await thread.frame.focus();
    await page.keyboard.press('PageUp');
    await thread.expectPinned(false);
    await expect(async () => {
      await thread.wheel(900);
      await thread.expectPinned(true, 500);
    }).toPass({ timeout: 20_000 });
    // Nobody but a reader moves up from the end: as the scroll bar does.
    await thread.scrollTo(0);
    await thread.expectPinned(false);
    expect(member.name).toBeTruthy();
  });

  test('zooming, sideways moves and boxes that scroll themselves let nothing go @desktop', async ({ page, chat, member }) => {
    const thread = new Thread(page);
    await chat.openNew();
    await chat.say('Write a great deal');
    await expect.poll(async () => thread.frame.evaluate((frame) => frame.scrollHeight - frame.clientHeight)).toBeGreaterThan(300);
    await thread.frame.evaluate((frame) => {
      const wheel = (init: WheelEventInit) => frame.dispatchEvent(new WheelEvent('wheel', { bubbles: true, ...init }));
      wheel({ deltaY: -120, ctrlKey: true });
      wheel({ deltaX: -200, deltaY: -40 });
      const box = document.createElement('div');
      box.style.cssText = 'block-size: 40px; overflow: auto';
      box.innerHTML = '<div style="block-size: 400px"></div>';
      frame.querySelector('.turn')!.append(box);
      box.scrollTop = 100;
      box.dispatchEvent(new WheelEvent('wheel', { bubbles: true, deltaY: -60 }));
      box.remove();
    });
    await page.waitForTimeout(100);
    await thread.expectPinned(true);
    expect(member.name).toBeTruthy();
  });
});

test.describe('when a message is sent', () => {
  // Each message begins with the name of the model that answers it.
  test.use({ model: 'as-said' });

  /** From now on, what moves within the thread on its own; the line below the text is pushed on by it. */
  async function watch(page: Page): Promise<() => Promise<string[]>> {
    await page.evaluate(() => {
      type Shift = { sources: { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[] };
      const moved: string[] = [];
      new PerformanceObserver((list) => {
        for (const { sources } of list.getEntries() as unknown as Shift[]) {
          for (const { node, previousRect, currentRect } of sources) {
            const element = node instanceof Element ? node : node?.parentElement;
            if (!element?.closest('.thread-frame') || element.closest('.live-foot')) continue;
            moved.push(`${element.className || element.tagName}: ${previousRect.y} to ${currentRect.y}`);
          }
        }
      }).observe({ type: 'layout-shift' });
      Object.assign(window, { moved });
    });
    return () => page.evaluate(() => (window as unknown as { moved: string[] }).moved);
  }

  /**
   * Looks at the newest message from frame to frame once the thread has come to rest with the first words below it,
   * until some more words have come or there is no room left for them: where it stood, and how far it strayed.
   */
  function stands(thread: Thread): Promise<{ below: number; strayed: number; grown: number }> {
    return thread.frame.evaluate(async (frame) => {
      const last = (role: string) => [...frame.querySelectorAll(`article[data-role=${role}]`)].at(-1)!;
      const words = () => last('assistant').textContent!.match(/\bw\d+@/g)?.length ?? 0;
      const at = () => ({
        below: last('user').getBoundingClientRect().top - frame.getBoundingClientRect().top,
        height: frame.scrollHeight,
      });
      // Behind a frame's callbacks and observers: what is painted.
      const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      for (let still = 0, top = -1; still < 5; top = frame.scrollTop) {
        await painted();
        still = frame.scrollTop === top && words() > 0 ? still + 1 : 0;
      }
      const [first, begun] = [at(), words()];
      let [strayed, grown] = [0, 0];
      while (words() < begun + 6) {
        await painted();
        const fits = last('assistant').getBoundingClientRect().bottom < frame.getBoundingClientRect().bottom;
        if (!fits) break;
        const now = at();
        strayed = Math.max(strayed, Math.abs(now.below - first.below));
        grown = Math.max(grown, Math.abs(now.height - first.height));
      }
      return { below: first.below, strayed, grown };
    });
  }

  test('it stands at the top with room for its answer, and then the end is followed', async ({ page, chat, server, member }) => {
    const thread = new Thread(page);
    const said = await converse(page, server, 3, () => `words-60 ${'Before. '.repeat(60)}`);
    await page.goto(said.path);
    await hydrated(page);
    await thread.expectAtEnd();
    const moved = await watch(page);
    await chat.say('words-400@10 And now?');
    const mine = chat.questions.last();
    await expect(mine).toContainText('And now?');
    await expect(chat.replies).toHaveCount(4);
    // It stays while the answer grows into the room below it.
    const { below, strayed, grown } = await stands(thread);
    expect(below).toBeGreaterThan(36);
    expect(below).toBeLessThan(60);
    expect(strayed).toBeLessThan(3);
    expect(grown).toBeLessThan(3);
    expect(await moved()).toEqual([]);
    await expect.poll(() => thread.below(mine), { timeout: 30_000 }).toBeLessThan(0);
    await thread.expectPinned(true);
    expect(member.name).toBeTruthy();
  });

  test('nothing moves where its answer begins before it is known to be sent', async ({ page, chat, server, member }) => {
    const thread = new Thread(page);
    const said = await converse(page, server, 3, () => `words-60 ${'Before. '.repeat(60)}`);
    await page.goto(said.path);
    await hydrated(page);
    await thread.expectAtEnd();
    await page.route(
      (url) => isSend(url.href),
      async (route) => {
        const response = await route.fetch();
        await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(1);
        await route.fulfill({ response });
      },
    );
    const moved = await watch(page);
    await chat.say('words-100@10 And now?');
    await expect(chat.replies).toHaveCount(4);
    await expect(chat.questions.last()).toHaveAttribute('data-status', 'sent');
    const { strayed, grown } = await stands(thread);
    expect(strayed).toBeLessThan(3);
    expect(grown).toBeLessThan(3);
    expect(await moved()).toEqual([]);
    expect(member.name).toBeTruthy();
  });
});

test.describe('where the reader stood', () => {
  test.use({ model: 'echo' });

  test('a reload and the way back land in the same place, a link at the end @desktop', async ({ page, server, member }) => {
    const thread = new Thread(page);
    const said = await converse(page, server, 12, (turn) => `Turn ${turn}. ${'More of it. '.repeat(40)}`);
    await page.goto(said.path);
    await hydrated(page);
    await thread.expectAtEnd();
    await thread.wheel(-900);
    const top = await page.evaluate(() => {
      const edge = document.querySelector('.thread-frame')!.getBoundingClientRect().top;
      const turns = [...document.querySelectorAll('.turn[id]')];
      return turns.find((turn) => turn.getBoundingClientRect().bottom > edge + 1)!.id.slice(2);
    });
    const place = await thread.below(thread.turn(top));
    await page.reload();
    await hydrated(page);
    await expect.poll(async () => Math.abs((await thread.below(thread.turn(top))) - place)).toBeLessThan(3);

    await page.getByRole('link', { name: 'New conversation' }).first().click();
    await expect(page).toHaveURL(/\/chat$/);
    await page.goBack();
    await expect(page).toHaveURL(new RegExp(`${said.path}$`));
    await expect(thread.turn(top)).toBeInViewport();
    await expect.poll(async () => Math.abs((await thread.below(thread.turn(top))) - place)).toBeLessThan(3);
    expect(member.name).toBeTruthy();
  });
});
