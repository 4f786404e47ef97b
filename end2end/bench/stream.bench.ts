// What a reply costs while it is written: the main thread's share of a core, its longest task, and whether the text's
// length matters.
import { expect, test, type CDPSession } from '@playwright/test';
import { hydrated } from '../fixtures.ts';
import { ChatPage } from '../pages/chat.ts';
import { print, row, slow, Stage, type Row } from './stage.ts';

/** Seconds that the main thread was busy, since whenever. */
async function busy(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;
}

async function share(session: CDPSession, ms: number): Promise<number> {
  const [before, began] = [await busy(session), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, ms));
  return (100 * 1000 * ((await busy(session)) - before)) / (performance.now() - began);
}

for (const { name, model, seconds, throttled } of [
  { name: 'a reply of 5 000 tokens at 100 a second', model: 'essay-5000@100', seconds: 50, throttled: false },
  { name: 'the same, processor and network slowed down', model: 'essay-5000@100', seconds: 50, throttled: true },
  { name: 'a reply of 10 000 tokens at 200 a second', model: 'essay-10000@200', seconds: 50, throttled: false },
  { name: 'one paragraph of 5 000 words at 100 a second', model: 'words-5000@100', seconds: 50, throttled: false },
]) {
  test(name, async ({ browser }) => {
    const stage = await Stage.set();
    const address = await stage.conversation(10);
    const context = await stage.visitor(browser);
    const page = await context.newPage();
    await page.goto(stage.server.url + address);
    await hydrated(page);
    const chat = new ChatPage(page);
    const session = throttled ? await slow(page) : await context.newCDPSession(page);
    await session.send('Performance.enable');
    await chat.composer.fill(model);
    await chat.composer.focus();
    // What a locator looks for, the page's main thread looks for: from here to the end there is none.
    await page.evaluate(() => {
      const long: number[] = [];
      Object.assign(globalThis, { long });
      new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
    });
    await page.keyboard.press('Enter');
    await page.waitForTimeout(2_000);
    const [begin, all] = [await busy(session), performance.now()];
    const early = await share(session, 5_000);
    await page.waitForTimeout((seconds - 14) * 1_000);
    const late = await share(session, 5_000);
    const whole = (100 * 1000 * ((await busy(session)) - begin)) / (performance.now() - all);
    await page.waitForTimeout(6_000);
    await expect(page.locator('[data-status=streaming]')).toHaveCount(0, { timeout: 60_000 });
    await chat.expectStatus('completed');
    const long = await page.evaluate(() => (globalThis as unknown as { long: number[] }).long);
    const rows: Row[] = [
      row('main thread busy', whole, 30, '%', 1),
      row('longest task', Math.max(0, ...long), 50, 'ms'),
      row('work at the end over work at the start', late / early, 1.5, '×', 2),
    ];
    print(name, rows);
    await context.close();
    await stage.strike();
  });
}
