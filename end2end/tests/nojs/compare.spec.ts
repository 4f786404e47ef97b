// Answers side by side without scripts.
import { expect, test } from '../../fixtures.ts';
import { ComparePage } from '../../pages/compare.ts';
import { ModelsPage } from '../../pages/models.ts';

test.use({ model: 'words-40@20', settings: { PARLANCE_EGRESS_ALLOW: '{provider}' } });

test('two models answer, one of the answers is kept, and the other model taken off without scripts', async ({ page, chat, member, server }) => {
  const compare = new ComparePage(page);
  await new ModelsPage(page).make({ name: 'Other', address: server.providerUrl, model: 'words-60@20' });
  await page.goto('/chat');
  await compare.choose('Other');
  await chat.composer.fill('Which one?');
  await chat.send.click();
  await expect(compare.columns).toHaveCount(2);
  await expect(page.locator('.model-chosen')).toHaveText('words-40@20 + Other');
  // The page refreshes by itself; it can be stopped as a whole, and each by itself.
  await expect(page.locator('noscript meta[http-equiv=refresh], meta[http-equiv=refresh]')).toHaveCount(1);
  await compare.stop('Other').click();
  await compare.expectStatus('Other', 'stopped');
  await compare.expectWhole('words-40@20', 40);
  await expect(compare.ahead).toContainText('words-40@20');
  await compare.keep('Other').click();
  await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
  await expect(compare.columns).toHaveCount(0);
  await expect(chat.place, 'the one that ended first is the first').toHaveText('1/2');
  await chat.expectStatus('stopped');

  await page.goto(`${page.url()}/model`);
  await page.getByRole('combobox', { name: 'Side by side with' }).selectOption({ label: 'No other' });
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.model-chosen')).toHaveText('words-40@20');
  await chat.composer.fill('Alone again');
  await chat.send.click();
  await expect(chat.turns).toHaveCount(4);
  await chat.expectStatus('completed');
  expect(member.name).toBeTruthy();
});
