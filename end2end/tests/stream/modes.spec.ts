// How a reply appears while it is written, as the person has chosen, and how calmly.
import type { Page } from '@playwright/test';
import { expect, hydrated, test } from '../../fixtures.ts';
import { Thread } from '../../pages/long.ts';

/** Chooses how replies appear, where a person does. */
async function choose(page: Page, name: string): Promise<void> {
  await page.goto('/settings/chat');
  await hydrated(page);
  await page.getByRole('radio', { name, exact: true }).check();
  await expect(page.getByRole('main').getByRole('status')).toHaveText('Saved');
}

/** The most that was left below the view once the page had answered to new text, CSS pixels. */
function mostLeft(page: Page): Promise<number> {
  return page.locator('.thread-frame').evaluate(async (frame) => {
    let most = 0;
    // Told of each growth after the page's own observer, and before anything is painted.
    const grown = new ResizeObserver(() => {
      most = Math.max(most, frame.scrollHeight - frame.scrollTop - frame.clientHeight);
    });
    grown.observe(frame.querySelector('.turns')!);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    grown.disconnect();
    return most;
  });
}

async function fills(thread: Thread): Promise<void> {
  const over = () => thread.frame.evaluate((frame) => frame.scrollHeight - frame.clientHeight);
  await expect.poll(over, { timeout: 20_000 }).toBeGreaterThan(300);
}

/** From now on, words of a reply that are shown while it is being written, as it were by every paint. */
async function watchForWords(page: Page): Promise<() => Promise<{ shown: string[]; looks: number }>> {
  await page.evaluate(() => {
    const seen = { shown: [] as string[], looks: 0 };
    const look = () => {
      const reply = document.querySelector<HTMLElement>('article[data-role=assistant][data-status=streaming]');
      if (reply) seen.looks += 1;
      const word = /\bw\d+@/.exec(reply?.innerText ?? '')?.[0];
      if (word) seen.shown.push(word);
      requestAnimationFrame(look);
    };
    look();
    Object.assign(window, { seen });
  });
  return () => page.evaluate(() => (window as unknown as { seen: { shown: string[]; looks: number } }).seen);
}

test.describe('when it is whole', () => {
  test.use({ model: 'words-400@100' });

  test('a reply appears at once, and is read from its beginning', async ({ page, chat, member }) => {
    await choose(page, 'When complete');
    await chat.openNew();
    const seen = await watchForWords(page);
    await chat.say('All of it together');
    const note = chat.replies.last().getByText('The reply is being written.');
    await expect(note).toBeVisible();
    await chat.expectStatus('completed');
    await chat.expectWhole(400);
    const { shown, looks } = await seen();
    expect(shown).toEqual([]);
    expect(looks).toBeGreaterThan(5);
    await expect(note).toHaveCount(0);
    const thread = new Thread(page);
    await expect.poll(() => thread.below(chat.questions.last())).toBeGreaterThan(0);
    await thread.expectPinned(false);
    await expect(thread.latest).toBeVisible();
    expect(member.name).toBeTruthy();
  });
});

test.describe('when it is whole, and stopped', () => {
  test.use({ model: 'words-400@15' });

  test('what was written until then is shown', async ({ page, chat, member }) => {
    await choose(page, 'When complete');
    await chat.openNew();
    await chat.say('Not all of it');
    await expect(chat.replies.last().getByText('The reply is being written.')).toBeVisible();
    await page.waitForTimeout(700);
    expect(await chat.tokens()).toEqual([]);
    await chat.stop.click();
    await chat.expectStatus('stopped');
    await chat.expectWhole();
    expect((await chat.tokens()).length).toBeGreaterThan(3);
    expect(member.name).toBeTruthy();
  });
});

test.describe('word by word', () => {
  test.use({ model: 'words-2000@15' });

  test('the end is followed without gliding as words arrive', async ({ page, chat, member }) => {
    await choose(page, 'As they arrive');
    await chat.openNew();
    await chat.say('Straight');
    await fills(new Thread(page));
    expect(await mostLeft(page)).toBeLessThan(3);
    expect(member.name).toBeTruthy();
  });

  test('the end is glided to where nothing else is wished for', async ({ page, chat, member }) => {
    await chat.openNew();
    await chat.say('Gently');
    await fills(new Thread(page));
    expect(await mostLeft(page)).toBeGreaterThan(10);
    expect(member.name).toBeTruthy();
  });

  for (const wish of ['the system’s', 'the person’s']) {
    test(`nothing glides where motion is reduced by ${wish} choice`, async ({ page, chat, member }) => {
      if (wish === 'the system’s') await page.emulateMedia({ reducedMotion: 'reduce' });
      await chat.openNew();
      if (wish !== 'the system’s') await page.locator('html').evaluate((html) => (html.dataset.motion = 'reduced'));
      await chat.say('Calmly');
      await fills(new Thread(page));
      expect(await mostLeft(page)).toBeLessThan(3);
      expect(member.name).toBeTruthy();
    });
  }
});
