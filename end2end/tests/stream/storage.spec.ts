// A browser that keeps nothing: storage that is full, or shut, as in some private windows.
import { expect, hydrated, test } from '../../fixtures.ts';

test.use({ model: 'words-60@10' });

const WAYS = {
  'storage is full': () => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  },
  'storage is shut': () => {
    for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) {
      Object.defineProperty(globalThis, name, {
        get() {
          throw new DOMException('shut', 'SecurityError');
        },
      });
    }
  },
};

for (const [name, shut] of Object.entries(WAYS)) {
  test(`${name}: what is asked is answered, queued and kept all the same`, async ({ page, chat, queue, member }) => {
    await page.addInitScript(shut);
    await chat.openNew();
    await chat.say('first');
    await page.locator('[data-status=streaming]').waitFor();
    await queue.add('second');
    // The first reply is complete already; it is the second one's turn.
    await expect(chat.replies).toHaveCount(2, { timeout: 20_000 });
    await chat.expectStatus('completed');
    await chat.expectWhole(60);
    await page.reload();
    await hydrated(page);
    await expect(chat.turns).toHaveCount(4);
    expect(member.name).toBeTruthy();
  });
}
