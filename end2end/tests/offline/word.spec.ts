// Word of a network that is gone: it says what is true, and covers nothing.
import type { Locator } from '@playwright/test';
import { expect, hydrated, test } from '../../fixtures.ts';
import { AppPage } from '../../pages/app.ts';

test.use({ model: 'words-20@5' });

async function covers(one: Locator, other: Locator): Promise<boolean> {
  const [a, b] = [(await one.boundingBox())!, (await other.boundingBox())!];
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

test('has a place of its own, and sending goes on', async ({ page, chat, queue, context, member }) => {
  const app = new AppPage(page);
  await chat.begin('before');
  await app.listens();
  await context.setOffline(true);
  await expect(app.notices.getByText('Offline. You can go on reading.')).toBeVisible();
  await expect(app.notices).toContainText('What you send is kept, and goes out when you are back.');
  const word = app.notices.locator('[data-pwa=offline]');
  const pill = page.locator('.connection');
  await expect(pill).toHaveText('Offline');
  for (const other of [pill, page.locator('.chat-header'), page.locator('.thread-frame'), page.locator('.composer-dock')]) {
    expect(await covers(word, other)).toBe(false);
    await expect(other).toBeInViewport({ ratio: 1 });
  }
  expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBeLessThanOrEqual(0);
  await chat.composer.fill('kept until later');
  await chat.send.click();
  await expect(queue.rows).toHaveText([/kept until later/]);
  await context.setOffline(false);
  await expect(app.notices.locator('[data-pwa=offline]')).toHaveCount(0);
  await expect(chat.questions.last()).toContainText('kept until later');
  expect(member.name).toBeTruthy();
});

test.describe('in Chinese', () => {
  test.use({ locale: 'zh-CN' });

  test('it is said without a gap between the sentences', async ({ page, context, member }) => {
    await page.goto('/chat');
    await hydrated(page);
    await new AppPage(page).listens();
    await context.setOffline(true);
    await expect(page.getByText('已离线，可以继续阅读。你发的消息会先留着，恢复连接后再发出。')).toBeVisible();
    expect(member.name).toBeTruthy();
  });
});
