// What stands in an address is decoded once, as it was encoded.
import { expect, test } from '../../fixtures.ts';
import { make } from '../../pages/sidebar.ts';

/** The first character as its code; `sign` is what a percent sign is written as. */
function coded(text: string, sign: string): string {
  return `${sign}${text.charCodeAt(0).toString(16)}${text.slice(1)}`;
}

test.use({ model: 'words-6' });

test('a sign that was encoded twice stands for itself', async ({ page, chat, member, server }) => {
  const id = await make(page, server.url, 'Mine');
  await page.goto('/chat?q=100%2525+sure');
  await expect(chat.composer).toHaveValue('100%25 sure');

  const chosen = page.getByRole('region', { name: 'Chosen conversation' });
  await page.goto(`/history?row=${coded(id, '%')}`);
  await expect(chosen).toBeVisible();
  await page.goto(`/history?row=${coded(id, '%25')}`);
  await expect(page.locator('.history-title')).toHaveText(['Mine']);
  await expect(chosen).toHaveCount(0);

  await page.goto('/chat');
  await chat.composer.fill('go');
  await chat.send.click();
  await chat.expectStatus('completed');
  const reply = (await chat.replies.last().getAttribute('id'))!.slice('m-'.length);
  const address = page.url().split('?')[0];
  const facts = chat.replies.last().locator('.facts');
  await page.goto(`${address}?details=${coded(reply, '%')}`);
  await expect(facts).toHaveCount(1);
  await page.goto(`${address}?details=${coded(reply, '%25')}`);
  await expect(chat.replies).toHaveCount(1);
  await expect(facts).toHaveCount(0);
  expect(member.name).toBeTruthy();
});
