// A reply that has ended is the one that was being written: nothing of it is put into the page anew.
import type { Page } from '@playwright/test';
import { expect, test } from '../../fixtures.ts';
import { rendering } from './renderer.ts';

/** From now on, what is taken out of the thread: the classes of replies, their texts and blocks. */
async function watch(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const gone: string[] = [];
    const held = '.turn-reply, .prose, .blocks, .part, .block';
    new MutationObserver((changes) => {
      const removed = changes.flatMap((change) => [...change.removedNodes]);
      const elements = removed.filter((node): node is Element => node instanceof Element);
      gone.push(...elements.filter((element) => element.matches(held)).map((element) => element.className));
    }).observe(document.querySelector('.turns')!, { childList: true, subtree: true });
    Object.assign(window, { gone });
  });
  return () => page.evaluate(() => (window as unknown as { gone: string[] }).gone);
}

test.describe('a reply of some hundred blocks', () => {
  test.use({ model: 'essay-8000@1500' });

  test('ends as the very blocks that it was written in, with all that a reply has', async ({ page, chat, member }) => {
    await chat.openNew();
    await rendering(page);
    await chat.say('go');
    const reply = chat.replies.last();
    const blocks = reply.locator('.block');
    await expect.poll(() => blocks.count()).toBeGreaterThan(4);
    const gone = await watch(page);
    await reply.evaluate((article) => article.setAttribute('data-mine', ''));
    await blocks.first().evaluate((block) => block.setAttribute('data-mine', ''));
    await chat.expectStatus('completed');
    expect(await gone()).toEqual([]);
    await expect.poll(() => blocks.count()).toBeGreaterThan(400);
    await expect(page.locator('article[data-mine] .block[data-mine]')).toHaveCount(1);

    await expect(reply).toHaveAttribute('id', /^m-/);
    await expect(reply).not.toHaveAttribute('aria-busy');
    await expect(reply.locator('time')).toHaveCount(1);
    await expect(reply.locator('.live-foot, .turn-live, .block-tail')).toHaveCount(0);
    const label = await reply.getAttribute('aria-labelledby');
    expect(await reply.locator('.turn-name').getAttribute('id')).toBe(label);
    await chat.act('Details').click();
    await expect(reply.locator('.facts')).toContainText('Complete');
    await chat.act('Details').click();

    const written = await chat.replyWords();
    await page.reload();
    await expect.poll(() => chat.replyWords()).toBe(written);
    expect(member.name).toBeTruthy();
  });
});

test.describe('a reply that stays', () => {
  // Each message begins with the name of the model that answers it.
  test.use({ model: 'as-said' });

  test('stays while more is said, and gives way to another version of it', async ({ page, chat, member }) => {
    await chat.openNew();
    await rendering(page);
    await chat.say('words-40@100 first');
    await expect.poll(async () => (await chat.tokens()).length).toBeGreaterThan(3);
    const gone = await watch(page);
    await chat.expectStatus('completed');
    await chat.say('words-20@100 second');
    await expect(chat.replies).toHaveCount(2);
    await chat.expectStatus('completed');
    await chat.expectWhole(20);
    expect(await gone()).toEqual([]);

    const first = await chat.replies.first().innerText();
    await chat.act('Regenerate').click();
    await expect(chat.place).toHaveText('2/2');
    await chat.expectStatus('completed');
    await chat.expectWhole(20);
    await expect(chat.replies).toHaveCount(2);
    await chat.act('Previous version').click();
    await expect(chat.place).toHaveText('1/2');
    await chat.expectWhole(20);
    await expect.poll(() => chat.replies.first().innerText()).toBe(first);
    expect(member.name).toBeTruthy();
  });
});

test.describe('a reply with definitions at its end', () => {
  test.use({ model: 'echo@200' });

  test('is shown as a whole, so that earlier words become links', async ({ page, chat, member }) => {
    await chat.openNew();
    await rendering(page);
    await chat.composer.fill('See [the page] first.\n\nThen more.\n\n[the page]: https://example.com/\n');
    await chat.submit();
    await chat.expectStatus('completed');
    const link = chat.replies.last().getByRole('link', { name: 'the page' });
    await expect(link).toHaveAttribute('href', 'https://example.com/');
    await expect(chat.replies.last().locator('.live-foot')).toHaveCount(0);
    expect(member.name).toBeTruthy();
  });
});
