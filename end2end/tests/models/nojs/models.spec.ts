// Models without scripts.
import { expect, test } from '../../../fixtures.ts';
import { ModelsPage } from '../../../pages/models.ts';

test.use({ model: 'echo', settings: { PARLANCE_EGRESS_ALLOW: '{provider}' } });

test('a model is made, tested, begun with, and another one chosen without scripts', async ({ page, member, server }) => {
  const models = new ModelsPage(page);
  await page.goto('/models');
  await expect(models.main).toContainText('You have no models of your own yet.');
  await models.main.getByRole('link', { name: 'New model' }).click();
  await models.main.getByRole('link', { name: 'DeepSeek' }).click();
  await expect(models.field('Address')).toHaveValue('https://api.deepseek.com/v1');
  await models.fill({ name: 'Mine', address: server.providerUrl, model: 'words-3' });
  await models.press('Test connection');
  await expect(models.news).toContainText('The provider answers.');
  await models.press('Save');
  await models.row('Mine').getByRole('link', { name: 'Begin: Mine' }).click();
  await expect(models.start.locator('option:checked')).toHaveText('Mine');
  await page.getByRole('textbox', { name: 'Message' }).fill('Hello');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
  await expect(models.chosen).toHaveText('Mine');
  const reply = page.locator('article[data-role=assistant][data-status=completed]');
  await expect(reply).toHaveCount(1, { timeout: 20_000 });
  await expect(reply).toContainText('w3@');
  await models.choose('echo');
  await reply.getByRole('button', { name: 'Details' }).click();
  await page.getByRole('link', { name: 'Answer again with another model…' }).click();
  await models.press('Answer again');
  await expect(page.locator('.versions-place')).toHaveText('2/2', { timeout: 20_000 });
  await expect(reply).toContainText('Hello', { timeout: 20_000 });
  expect(member.name).toBeTruthy();
});

test('pages of what is nobody\'s are missing', async ({ page, member }) => {
  for (const path of ['/models/nonsense', '/models/00000000-0000-0000-0000-000000000001', '/chat/00000000-0000-0000-0000-000000000001/model']) {
    const missing = await page.goto(path);
    expect(missing!.status(), path).toBe(404);
  }
  expect(member.name).toBeTruthy();
});
