// Messages that the server did not take.
import { expect, hydrated, test } from '../../fixtures.ts';
import { isSend } from '../../pages/composer.ts';

test.use({ model: 'echo' });

test.beforeEach(async ({ chat, member }) => {
  await chat.begin('first');
  expect(member.name).toBeTruthy();
});

test('a message whose answer got lost is sent again under the same id, and stored once', async ({ page, chat }) => {
  const ids: string[] = [];
  let lose = true;
  await page.route(isSendUrl, async (route) => {
    ids.push(new URLSearchParams(route.request().postData() ?? '').get('client_message_id') ?? '');
    if (!lose) return route.continue();
    return route.abort();
  });
  await chat.say('do not lose me');
  await expect(chat.questions.last()).toHaveAttribute('data-status', 'failed');
  await expect(page.getByRole('alert').filter({ hasText: 'Not sent.' })).toBeVisible();
  await expect(chat.composer).toHaveValue('');
  lose = false;
  await page.getByRole('button', { name: 'Retry', exact: true }).click();
  await expect(chat.questions.last()).toHaveAttribute('data-status', 'sent');
  await chat.expectStatus('completed');
  await expect(chat.questions).toHaveCount(2);
  expect(ids.length).toBe(2);
  expect(ids[0]).toBe(ids[1]);
  await page.reload();
  await hydrated(page);
  await expect(chat.questions).toHaveCount(2);
});

test('it stays over a reload, and can be discarded or reworded', async ({ page, chat }) => {
  await page.route(isSendUrl, (route) => route.abort());
  await chat.say('do not lose me');
  await expect(chat.questions.last()).toHaveAttribute('data-status', 'failed');
  await page.reload();
  await hydrated(page);
  await expect(chat.questions.last()).toContainText('do not lose me');
  await expect(chat.questions.last()).toHaveAttribute('data-status', 'failed');
  await chat.questions.last().getByRole('button', { name: 'Edit', exact: true }).click();
  await expect(chat.composer).toHaveValue('do not lose me');
  await expect(chat.questions).toHaveCount(1);
  await chat.submit();
  await expect(chat.questions.last()).toHaveAttribute('data-status', 'failed');
  await chat.questions.last().getByRole('button', { name: 'Discard', exact: true }).click();
  await expect(chat.questions).toHaveCount(1);
  await page.reload();
  await hydrated(page);
  await expect(chat.questions).toHaveCount(1);
});

test('what is sent offline goes out once the network is back, and once only', async ({ page, chat, queue, context }) => {
  await context.setOffline(true);
  await expect(page.getByText('Offline', { exact: true })).toBeVisible();
  await chat.composer.fill('from the tunnel');
  await chat.send.click();
  await expect(queue.rows).toHaveText([/from the tunnel/]);
  await expect(page.getByText('Sent once, as soon as you are online again')).toBeVisible();
  await expect(queue.act(0, 'Send now')).toHaveCount(0);
  await expect(queue.act(0, 'Discard')).toBeVisible();
  await context.setOffline(false);
  await expect(chat.questions).toHaveCount(2);
  await expect(chat.questions.last()).toContainText('from the tunnel');
  await expect(queue.list).toBeHidden();
  await chat.expectStatus('completed');
  await page.reload();
  await hydrated(page);
  await expect(chat.questions).toHaveCount(2);
});

test('a refusal by the server stands in the thread with its reason', async ({ page, chat }) => {
  await page.route(isSendUrl, (route) =>
    route.fulfill({
      status: 429,
      contentType: 'application/json',
      body: JSON.stringify({ type: 'about:blank', title: 'Too many requests', status: 429, code: 'rate_limited', retryable: true }),
    }),
  );
  await chat.say('again and again');
  await expect(page.getByRole('alert').filter({ hasText: 'That was a lot at once' })).toBeVisible();
  await expect(chat.questions.last()).toHaveAttribute('data-status', 'failed');
});

function isSendUrl(url: URL): boolean {
  return isSend(url.href);
}
