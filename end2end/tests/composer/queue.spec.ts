// Messages that are sent while a reply is being written.
import { expect, hydrated, test } from '../../fixtures.ts';
import { countSends } from '../../pages/composer.ts';

test.describe('while a reply is written that soon ends', () => {
  test.use({ model: 'words-60@8' });

  test('what is sent waits, and goes out as one message', async ({ page, chat, queue, member }) => {
    await chat.openNew();
    const sends = countSends(page);
    await chat.say('first');
    await chat.expectStatus('streaming');
    await queue.add('second');
    await queue.add('third');
    await expect(queue.rows).toHaveCount(2);
    await expect(page.getByText('Sent as one message when the reply is complete')).toBeVisible();
    await expect(queue.list).toBeHidden({ timeout: 25_000 });
    await expect(chat.questions).toHaveCount(2);
    await expect(chat.questions.last()).toContainText(/second\s+third/);
    await expect(chat.replies).toHaveCount(2);
    await chat.expectStatus('completed');
    expect(sends()).toBe(2);
    // Nothing comes again after a reload.
    await page.reload();
    await hydrated(page);
    await page.waitForTimeout(500);
    await expect(chat.questions).toHaveCount(2);
    expect(member.name).toBeTruthy();
  });
});

test.describe('while a reply is written that never ends', () => {
  test.use({ model: 'words-100000@20' });

  test.beforeEach(async ({ chat, member }) => {
    await chat.openNew();
    await chat.say('first');
    await chat.expectStatus('streaming');
    expect(member.name).toBeTruthy();
  });

  test('both stopping and queueing are at hand', async ({ page, chat }) => {
    const later = page.getByRole('button', { name: 'Send when the reply is complete' });
    await expect(chat.stop).toBeVisible();
    await expect(later).toBeHidden();
    await chat.composer.fill('second');
    await expect(chat.stop).toBeVisible();
    await expect(later).toBeVisible();
  });

  test('one can be edited, deleted, or sent now', async ({ chat, queue }) => {
    await queue.add('to be reworded');
    await queue.add('to be deleted');
    await queue.add('to be sent');
    await queue.act(0, 'Edit').click();
    await expect(chat.composer).toHaveValue('to be reworded');
    await expect(queue.rows).toHaveCount(2);
    await queue.act(0, 'Discard').click();
    await expect(queue.rows).toHaveCount(1);
    await queue.act(0, 'Send now').click();
    await expect(chat.questions.last()).toContainText('to be sent');
    await expect(chat.replies.first()).toHaveAttribute('data-status', 'stopped');
    await expect(queue.list).toBeHidden();
    await expect(chat.composer).toHaveValue('to be reworded');
  });

  test('the queue outlives a reload and another page, and belongs to its tab', async ({ page, chat, queue, context }) => {
    await queue.add('still here');
    await page.reload();
    await hydrated(page);
    await expect(queue.rows).toHaveText([/still here/]);
    const url = page.url();
    await page.goto('/chat');
    await page.goto(url);
    await hydrated(page);
    await expect(queue.rows).toHaveText([/still here/]);
    const other = await context.newPage();
    await other.goto(url);
    await hydrated(other);
    await expect(other.getByText('still here')).toHaveCount(0);
    await other.close();
    await expect(chat.questions).toHaveCount(1);
  });

  test('after a stop it waits for a word', async ({ page, chat, queue }) => {
    await queue.add('second');
    await chat.stop.click();
    await chat.expectStatus('stopped');
    await expect(page.getByText('Send these when you like')).toBeVisible();
    await page.waitForTimeout(300);
    await expect(chat.questions).toHaveCount(1);
    await chat.say('third');
    await expect(chat.questions.last()).toContainText(/second\s+third/);
    await expect(queue.list).toBeHidden();
  });

  test('nothing is left in the tab after signing out', async ({ page, queue }) => {
    await queue.add('private');
    const kept = () => page.evaluate(() => JSON.stringify({ ...sessionStorage }));
    await expect.poll(kept).toContain('private');
    await page.context().clearCookies();
    await page.goto('/login');
    await hydrated(page);
    await expect.poll(kept).not.toContain('private');
  });
});
