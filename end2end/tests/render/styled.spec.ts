// What a word costs does not grow with what was written before it: only what it touches is styled anew.
import { expect, test } from '../../fixtures.ts';
import { rendering } from './renderer.ts';

interface Traced {
  name: string;
  ts: number;
  args?: { elementCount?: number };
}

// Long enough for a busy machine to see its second half being written.
test.use({ model: 'essay-8000@500' });

test('a long reply has a part of it styled anew with each word, and as little when it ends @desktop', async ({ page, chat, member }) => {
  await chat.openNew();
  await rendering(page);
  await chat.say('go');
  await expect.poll(() => chat.replies.last().locator('.block').count(), { timeout: 30_000 }).toBeGreaterThan(150);
  const session = await page.context().newCDPSession(page);
  const traced: Traced[] = [];
  session.on('Tracing.dataCollected', ({ value }) => traced.push(...(value as unknown as Traced[])));
  await session.send('Tracing.start', { traceConfig: { includedCategories: ['devtools.timeline'] }, transferMode: 'ReportEvents' });
  await chat.expectStatus('completed');
  await page.waitForTimeout(300);
  const whole = new Promise((done) => session.on('Tracing.tracingComplete', done));
  await session.send('Tracing.end');
  await whole;
  const styled = traced.filter(({ name }) => name === 'UpdateLayoutTree').map(({ args }) => args?.elementCount ?? 0);
  expect(styled.length).toBeGreaterThan(10);
  expect(Math.max(...styled)).toBeLessThan(600);
  expect(member.name).toBeTruthy();
});
