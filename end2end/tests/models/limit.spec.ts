// How many models of one's own there may be: the page asks first, and the server counts for itself.
import { expect, test } from '../../fixtures.ts';
import { ModelsPage } from '../../pages/models.ts';

test.use({ model: 'echo', settings: { PARLANCE_EGRESS_ALLOW: '{provider}' } });

/** As many as the group `user` may keep. */
const LIMIT = 5;

test('the limit is said in place of the form, also to whoever has the form open', async ({ page, member, server }) => {
  const models = new ModelsPage(page);
  const made = (name: string) => ({ name, address: server.providerUrl, model: 'words-3' });
  await models.fill(made('The last'));
  for (let number = 1; number <= LIMIT; number += 1) {
    const response = await page.request.post(`${server.url}/api/v1/models`, {
      headers: { Origin: server.url },
      data: { name: `Number ${number}`, base_url: server.providerUrl, model: 'words-3' },
    });
    expect(response.status()).toBe(201);
  }
  await models.press('Save');
  await expect(models.news.first()).toContainText('The limit is reached');
  await models.open();
  await expect(models.news).toContainText(`your group may keep ${LIMIT} models of its own`);
  await expect(models.main.getByRole('link', { name: 'New model' })).toHaveCount(0);
  await page.goto('/models/new');
  await expect(models.news).toContainText('The limit is reached');
  await expect(models.main.locator('form')).toHaveCount(0);
  await models.open();
  await models.row('Number 1').getByRole('checkbox').check();
  await models.main.getByText('Delete selected').click();
  await models.press('Delete for ever');
  await expect(models.main.getByRole('link', { name: 'New model' })).toBeVisible();
  expect(member.name).toBeTruthy();
});

test.describe('in Chinese', () => {
  test.use({ locale: 'zh-CN' });

  test('a refused form says what to do', async ({ page, member }) => {
    const models = new ModelsPage(page);
    await page.goto('/models/new');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('新建模型');
    await models.field('名称').fill('我的模型');
    await models.field('接口地址').fill('http://127.0.0.1:9/v1');
    await models.press('测试连接');
    await expect(models.news).toContainText('连接失败。');
    await expect(models.field('名称')).toHaveValue('我的模型');
    await models.field('接口地址').fill('');
    await models.press('保存');
    await expect(models.main.locator('.field-error')).toContainText('请填写服务商的模型名');
    expect(member.name).toBeTruthy();
  });
});
