// Code in replies: colours in the first HTML and after its fence has closed, copying, breaking lines, unfolding.
import { expect, hydrated, test } from '../../fixtures.ts';
import { rendering } from './renderer.ts';

const RUST = '```rust\nfn main() {\n    let answer = 42; // why not\n}\n```';
const LONG = `\`\`\`python\n${Array.from({ length: 40 }, (_, line) => `print(${line + 1})`).join('\n')}\n\`\`\``;
const WIDE = `\`\`\`js\nconst wide = "${'a word '.repeat(60)}";\n\`\`\``;

test.describe('code', () => {
  test.use({ model: 'echo@400' });

  test('is coloured once its fence has closed, without anything moving', async ({ page, chat, member }) => {
    await chat.openNew();
    await rendering(page);
    await chat.say(`Look:\n\n${RUST}\n\nThat was ${'it, '.repeat(150)}and no more.`);
    const block = chat.replies.last().locator('.code');
    await expect(block.locator('.kw').first()).toHaveText('fn');
    await expect(block.locator('.num')).toHaveText('42');
    await expect(block.locator('code')).toHaveText('fn main() {\n    let answer = 42; // why not\n}\n', { useInnerText: false });
    await chat.expectStatus('completed');
    // What was coloured stays so when the reply becomes a turn.
    await expect(block.locator('.com')).toHaveText('// why not');

    await page.reload();
    await hydrated(page);
    await expect(block.locator('.kw').first()).toHaveText('fn');
    expect(member.name).toBeTruthy();
  });

  test('comes coloured in the first HTML, and can be read without scripts', async ({ page, chat, member, browser, server }) => {
    await chat.begin(`${RUST}\n\n${LONG}\n\n${WIDE}`);
    // A page waits only a moment for colours that nobody has asked for yet.
    const source = async () => (await page.request.get(page.url())).text();
    for (const part of ['<span class="kw">fn</span>', '<span class="fn">print</span>']) {
      await expect.poll(source).toContain(part);
    }

    const context = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState(), baseURL: server.url });
    const bare = await context.newPage();
    await bare.goto(page.url());
    await expect(bare.getByRole('button', { name: 'Copy', exact: true }).first()).toBeHidden();
    const long = bare.locator('.code[data-lang=python]');
    const folded = (await long.boundingBox())!.height;
    await long.getByText('Show all 40 lines').click();
    await expect.poll(async () => (await long.boundingBox())!.height).toBeGreaterThan(folded + 100);
    const wide = bare.locator('.code[data-lang=js]');
    const scrolls = () => wide.locator('pre').evaluate((pre) => pre.scrollWidth > pre.clientWidth);
    await expect.poll(scrolls).toBe(true);
    await wide.getByText('Wrap lines').click();
    await expect.poll(scrolls).toBe(false);
    await context.close();
    expect(member.name).toBeTruthy();
  });

  test('can be copied, and reached with the keyboard', async ({ page, chat, member, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']).catch(() => {});
    await chat.begin(`${RUST}\n\n${LONG}`);
    await page.reload();
    await hydrated(page);
    const block = chat.replies.last().locator('.code[data-lang=rust]');
    const copy = block.getByRole('button', { name: 'Copy', exact: true });
    await copy.click();
    await expect(block.locator('[data-copied]')).toHaveCount(1);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('fn main() {\n    let answer = 42; // why not\n}\n');

    await copy.focus();
    await page.keyboard.press('Tab');
    await expect(block.getByRole('group', { name: 'Code rust' })).toBeFocused();
    const all = chat.replies.last().getByRole('checkbox', { name: 'Show all 40 lines' });
    await all.focus();
    await page.keyboard.press('Space');
    await expect(all).toBeChecked();
    expect(member.name).toBeTruthy();
  });
});
