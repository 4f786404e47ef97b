// A reply that arrives faster, longer or odder than anybody reads: the page stays usable and ends with the whole text.
import { expect, test } from '../../fixtures.ts';
import { rendering } from './renderer.ts';
import type { Page } from '@playwright/test';

/** From now on, how long the page was busy at a time, in milliseconds. */
async function watch(page: Page): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const busy: number[] = [];
    new PerformanceObserver((list) => busy.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
    Object.assign(window, { busy });
  });
  return () => page.evaluate(() => (window as unknown as { busy: number[] }).busy);
}

/** How long the page takes to answer a key, in milliseconds. */
async function answers(page: Page): Promise<number> {
  const begun = Date.now();
  await page.evaluate(() => new Promise((done) => setTimeout(done, 0)));
  return Date.now() - begun;
}

test.describe('a flood', () => {
  test.use({ model: 'essay-8000@10000' });

  test('of ten thousand tokens a second leaves the page usable', async ({ page, chat, member }) => {
    await chat.openNew();
    await rendering(page);
    await chat.say('go');
    const busy = await watch(page);
    await expect(chat.replies.last().locator('.live-body .block').nth(5)).toBeAttached();
    const waits: number[] = [];
    for (let turn = 0; turn < 10; turn++) waits.push(await answers(page));
    await chat.composer.fill('typed in the flood');
    await chat.expectStatus('completed');
    await expect(chat.composer).toHaveValue('typed in the flood');
    expect(Math.max(...waits)).toBeLessThan(1_000);
    expect(Math.max(0, ...(await busy()))).toBeLessThan(1_000);

    // What was written piece by piece is what the server makes of the whole.
    const written = await chat.replyWords();
    await page.reload();
    await expect.poll(() => chat.replyWords()).toBe(written);
    expect(member.name).toBeTruthy();
  });
});

test.describe('a long reply', () => {
  test.use({ model: 'essay-3000@600' });

  test('is skipped where it is far out of sight, and keeps its room', async ({ page, chat, member }) => {
    await chat.openNew();
    await rendering(page);
    await chat.say('go');
    await chat.expectStatus('completed');
    const text = chat.replies.last().locator('.prose');
    const past = text.locator('.part-past');
    await expect.poll(() => past.count()).toBeGreaterThan(2);
    // All of it has been put in.
    await expect(chat.replies.last().locator('.turn-live, .block-tail')).toHaveCount(0);
    await expect(past.first()).toHaveCSS('content-visibility', 'auto');
    const height = () => text.evaluate((one) => one.getBoundingClientRect().height);
    const written = await height();

    // What was skipped is laid out when it comes into sight, in the room that it had.
    await page.locator('.thread-frame').evaluate((frame) => frame.scrollTo({ top: 0, behavior: 'instant' }));
    await expect(text.locator('h2').first()).toBeInViewport();
    await expect.poll(async () => Math.abs((await height()) - written)).toBeLessThan(2);
    await page.locator('.thread-frame').evaluate((frame) => frame.scrollTo({ top: frame.scrollHeight, behavior: 'instant' }));
    await expect.poll(async () => Math.abs((await height()) - written)).toBeLessThan(2);

    // The page of the finished reply, which has no parts, looks the same.
    await page.reload();
    await expect(text).toBeVisible();
    await expect(past).toHaveCount(0);
    await expect.poll(async () => Math.abs((await height()) - written)).toBeLessThan(2);
    expect(member.name).toBeTruthy();
  });
});

test.describe('hostile text', () => {
  test.use({ model: 'echo@2000' });

  for (const [name, text] of [
    ['a long paragraph', 'word and **word** '.repeat(4_000)],
    ['a fence without an end', `\`\`\`rust\n${'let a = "b";\n'.repeat(800)}`],
    ['one long line of code', `\`\`\`js\n${'x'.repeat(60_000)}`],
    ['deep lists', '- '.repeat(3_000)],
    ['broken tables and formulas', '| a | $x^{ | \\[ \n|---|\n'.repeat(800)],
    ['open everything', '**a _b ~~c `d $e [f ![g <h \n> - 1. | x\n'.repeat(300)],
  ] as const) {
    test(`of ${name} is shown whole and the page stays usable`, async ({ page, chat, member }) => {
      await chat.openNew();
      await chat.put(text);
      await chat.submit();
      await expect(chat.replies.last()).toBeAttached();
      const waits: number[] = [];
      for (let turn = 0; turn < 5; turn++) waits.push(await answers(page));
      await chat.expectStatus('completed');
      expect(Math.max(...waits)).toBeLessThan(1_500);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide).toBeLessThanOrEqual(0);
      expect(member.name).toBeTruthy();
    });
  }
});

test.describe('a reply', () => {
  test.use({ model: 'essay-900@300' });

  test('keeps its settled blocks: what stands on the page is not made again', async ({ page, chat, member }) => {
    await chat.openNew();
    await rendering(page);
    await chat.say('go');
    const first = chat.replies.last().locator('.blocks .block').first();
    await first.waitFor();
    const same = await first.elementHandle();
    await same!.evaluate((block) => block.setAttribute('data-mine', ''));
    const before = await first.innerHTML();
    await expect.poll(() => chat.replies.last().locator('.blocks .block').count()).toBeGreaterThan(8);
    expect(await same!.evaluate((block) => block.isConnected)).toBe(true);
    await chat.expectStatus('completed');
    expect(await chat.replies.last().locator('[data-mine]').innerHTML()).toContain(before.slice(0, 40));
    const written = await chat.replyText();
    await page.reload();
    await expect.poll(() => chat.replyText()).toBe(written);
    expect(member.name).toBeTruthy();
  });
});
