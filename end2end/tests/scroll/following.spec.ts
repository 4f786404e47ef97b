// The end is followed for as long as the reader wants it.
import { expect, hydrated, test } from '../../fixtures.ts';
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
    await page.waitForTimeout(600);
    expect(Math.abs((await thread.below(first)) - before)).toBeLessThan(2);

    await expect(thread.latest).toBeVisible();
    await expect(thread.latest.locator('.to-end-fresh')).toBeVisible();
    await thread.latest.click();
    await thread.expectPinned(true);
    await expect(thread.latest).toBeHidden();
    await page.waitForTimeout(300);
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
    for (let turn = 0; turn < 12 && (await thread.frame.getAttribute('data-pinned')) === 'false'; turn++) {
      await thread.wheel(600);
    }
    await thread.expectPinned(true);
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

  test('it stands at the top with room for its answer, and then the end is followed', async ({ page, chat, server, member }) => {
    const thread = new Thread(page);
    const said = await converse(page, server, 3, () => `words-60 ${'Before. '.repeat(60)}`);
    await page.goto(said.path);
    await hydrated(page);
    await thread.expectAtEnd();
    await page.evaluate(() => {
      // What moved within the thread; the line below the text is pushed on by it.
      const seen = new PerformanceObserver((list) => {
        const entries = list.getEntries() as unknown as { value: number; sources: { node: Element | null }[] }[];
        const own = entries.filter((entry) => entry.sources.some(({ node }) => node?.closest?.('.thread-frame') && !node.closest('.live-foot')));
        document.body.dataset.moved = String(Number(document.body.dataset.moved ?? 0) + own.length);
      });
      seen.observe({ type: 'layout-shift' });
    });
    await chat.say('words-400@10 And now?');
    const mine = chat.questions.last();
    await expect(mine).toContainText('And now?');
    await expect.poll(() => thread.below(mine)).toBeLessThan(60);
    expect(await thread.below(mine)).toBeGreaterThan(36);
    // It stays while the answer grows into the room below it.
    const height = () => thread.frame.evaluate((frame) => frame.scrollHeight);
    const before = await height();
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(5);
    expect(Math.abs((await height()) - before)).toBeLessThan(3);
    expect(await thread.below(mine)).toBeLessThan(60);
    expect(await page.evaluate(() => document.body.dataset.moved ?? '0')).toBe('0');
    await expect.poll(() => thread.below(mine), { timeout: 30_000 }).toBeLessThan(0);
    await thread.expectPinned(true);
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
    await page.waitForTimeout(400);
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
