// The whole way through the product in Chinese: what a person who reads no English has to press.
import { expect, hydrated, test } from '../../fixtures.ts';

test.use({ locale: 'zh-CN', model: 'as-said' });

test('signs up, talks, renames, deletes, undoes and signs out', async ({ page }) => {
  await page.goto('/register');
  await hydrated(page);
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await page.getByLabel('名字').fill('张三');
  await page.getByLabel('邮箱').fill('zhang@example.com');
  await page.getByLabel('密码', { exact: true }).fill('correct-horse-1');
  await page.getByLabel('再输一遍密码').fill('correct-horse-1');
  await page.getByRole('main').getByRole('button', { name: '注册' }).click();
  await page.waitForURL(/\/chat$/);
  await hydrated(page);

  await page.locator('textarea[name=text]').fill('words-40@30 你好');
  await page.getByRole('button', { name: '发送', exact: true }).click();
  await expect(page.getByRole('button', { name: '停止', exact: true })).toBeVisible();
  await expect(page.locator('article[data-role=assistant]')).toHaveAttribute('data-status', 'completed', { timeout: 20_000 });

  const row = page.getByRole('navigation', { name: '对话' }).getByRole('listitem').first();
  const menu = page.getByRole('group', { name: '对话操作' });
  const drawer = page.getByRole('button', { name: '对话列表' });
  if (await drawer.isVisible()) await drawer.click();
  await row.hover();
  await row.getByRole('button', { name: /的操作/ }).click();
  await menu.getByRole('button', { name: '重命名' }).click();
  const title = page.getByRole('textbox', { name: '新标题' });
  await title.fill('茶与墨');
  await title.press('Enter');
  await expect(row.getByRole('link')).toContainText('茶与墨');
  await row.hover();
  await row.getByRole('button', { name: /的操作/ }).click();
  await menu.getByRole('button', { name: '删除' }).click();
  await expect(page.getByText('已删除“茶与墨”。')).toBeVisible();
  await page.getByRole('button', { name: '撤销' }).click();
  // It was open, so it is again, and the drawer gives way to it.
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('茶与墨');
  const list = page.getByRole('navigation', { name: '对话' });
  if (await drawer.isVisible()) {
    await expect(list).toBeHidden();
    await drawer.click();
  }
  await expect(list).toContainText('茶与墨');
});

test('nothing on the pages is left in English', async ({ page, member }) => {
  expect(member.name).toBeTruthy();
  for (const path of ['/chat', '/history', '/settings/general', '/settings/appearance', '/settings/chat', '/settings/shortcuts', '/profile', '/profile/password', '/profile/devices', '/profile/factor', '/profile/keys', '/profile/data']) {
    await page.goto(path);
    await hydrated(page);
    const words = await page.evaluate((own) => {
      const seen: string[] = [];
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) {
        const { parentElement, textContent } = walk.currentNode;
        if (parentElement?.closest('script, style, kbd, code, [lang]:not(html), option, noscript')) continue;
        const english = textContent!.replaceAll(own, '').match(/[A-Za-z]{4,}(?: [A-Za-z]{2,})*/g);
        if (english) seen.push(...english);
      }
      return seen;
    }, member.name);
    // Names of the product and of keys.
    const names = /^(Parlance|English|Enter|Shift|Ctrl|Esc|Python|Rust|Markdown|JSON|Aegis|Chrome|Linux|Android)\b/;
    expect(words.filter((word) => !names.test(word)), path).toEqual([]);
  }
});
