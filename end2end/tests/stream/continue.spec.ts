import type { Page } from '@playwright/test';
import { expect, test } from '../../fixtures.ts';

/** Looks at the newest reply at every paint; what it finds is a text that once was not the beginning of the next. */
async function watchForShrinking(page: Page): Promise<() => Promise<string | null>> {
  await page.evaluate(() => {
    const seen = window as unknown as { seen: string; shrunk: string | null };
    const read = () => {
      const replies = document.querySelectorAll<HTMLElement>('article[data-role=assistant]');
      const body = replies[replies.length - 1]?.querySelector<HTMLElement>('.prose');
      return (body?.textContent ?? '').replace(/\s+/g, ' ').trim();
    };
    seen.seen = read();
    seen.shrunk = null;
    const look = () => {
      const now = read();
      if (!now.startsWith(seen.seen)) seen.shrunk ??= `${seen.seen} became ${now}`;
      seen.seen = now;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  return () => page.evaluate(() => (window as unknown as { shrunk: string | null }).shrunk);
}

test.describe('an unfinished reply', () => {
  test.use({ model: 'words-100000@40' });

  test('goes on where it was stopped', async ({ page, chat, member }) => {
    await chat.openNew();
    await chat.say('go');
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(8);
    await chat.stop.click();
    await chat.expectStatus('stopped');
    const shown = await chat.replyText();
    const shrunk = await watchForShrinking(page);
    await chat.act('Continue').click();
    await expect.poll(async () => (await chat.replyText()).length).toBeGreaterThan(shown.length + 20);
    expect((await chat.replyText()).startsWith(shown)).toBe(true);
    await chat.stop.click();
    await chat.expectStatus('stopped');
    expect(await shrunk()).toBeNull();
    await expect(chat.replies).toHaveCount(1);
    await expect(chat.place).toHaveText('2/2');
    const whole = await chat.replyText();
    await page.reload();
    await expect.poll(() => chat.replyText()).toEqual(whole);
    expect(member.name).toBeTruthy();
  });

  test('goes on after the server died, as one joined reply @desktop', async ({ page, chat, member, server }) => {
    await chat.openNew();
    await chat.say('go');
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(15);
    const shrunk = await watchForShrinking(page);
    await server.killAndRestart();
    await chat.expectStatus('interrupted');
    const kept = await chat.replyText();
    await chat.act('Continue').click();
    await expect.poll(async () => (await chat.replyText()).length).toBeGreaterThan(kept.length + 20);
    await chat.stop.click();
    await chat.expectStatus('stopped');
    const joined = await chat.replyText();
    expect(joined.startsWith(kept)).toBe(true);
    expect(await shrunk()).toBeNull();
    await expect(chat.replies).toHaveCount(1);
    await page.reload();
    await expect(chat.replies).toHaveCount(1);
    await expect.poll(() => chat.replyText()).toEqual(joined);
    // The unfinished one is still there to be read.
    await chat.act('Previous version').click();
    await expect(chat.place).toHaveText('1/2');
    await expect.poll(() => chat.replyText()).toEqual(kept);
    expect(member.name).toBeTruthy();
  });

  test('keeps other acts back while it runs', async ({ chat, member }) => {
    await chat.openNew();
    await chat.say('go');
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(3);
    const edit = chat.act('Edit');
    await expect(edit).toBeDisabled();
    await expect(chat.questions.last().locator('fieldset')).toHaveAttribute('title', /still being written/);
    await chat.stop.click();
    await chat.expectStatus('stopped');
    await expect(edit).toBeEnabled();
    await expect(chat.act('Continue')).toBeEnabled();
    expect(member.name).toBeTruthy();
  });
});
