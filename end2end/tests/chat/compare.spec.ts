// The same question to several models at once, and one of the answers kept.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, hydrated, test, type Server } from '../../fixtures.ts';
import { ChatPage } from '../../pages/chat.ts';
import { ComparePage } from '../../pages/compare.ts';
import { ModelsPage } from '../../pages/models.ts';

const OWN = 'words-150@30';
test.use({ model: OWN, settings: { PARLANCE_EGRESS_ALLOW: '{provider}' } });

async function make(page: Page, server: Server, models: Record<string, string>): Promise<ComparePage> {
  const pages = new ModelsPage(page);
  for (const [name, model] of Object.entries(models)) await pages.make({ name, address: server.providerUrl, model });
  return new ComparePage(page);
}

async function begin(chat: ChatPage, compare: ComparePage, ...names: string[]): Promise<void> {
  await chat.openNew();
  await compare.choose(...names);
  await chat.say('Which one?');
  await expect(compare.columns).toHaveCount(names.length + 1);
}

async function expectAccessible(page: Page, what: string): Promise<void> {
  const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.waitForFunction(() => !document.getAnimations().some((one) => one instanceof CSSTransition));
    const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze();
    const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`);
    expect(said, `${what}, ${colorScheme}`).toEqual([]);
  }
}

test('two models answer at once, a reload changes nothing, and the one that is kept is gone on with', async ({ page, chat, member, server }) => {
  test.slow();
  const compare = await make(page, server, { Other: 'words-120@30' });
  await begin(chat, compare, 'Other');
  await Promise.all([OWN, 'Other'].map((name) => compare.expectTokens(name, 5)));
  expect(await server.runningReplies()).toBe(2);
  await expect(compare.keep('Other')).toBeDisabled();
  await expect(compare.keep('Other')).toHaveAttribute('title', 'You can keep this answer once it is complete.');
  const early = [(await compare.tokens(OWN)).length, (await compare.tokens('Other')).length];

  await page.reload();
  await hydrated(page);
  await compare.expectTokens(OWN, early[0]! - 1);
  await compare.expectTokens('Other', early[1]! - 1);
  await compare.expectWhole('Other', 120);
  await compare.expectWhole(OWN, 150);
  await expect(compare.ahead).toHaveText(`Goes on with ${OWN}’s answer unless you keep another.`);
  await expect(compare.column(OWN)).toContainText('Goes on from here');
  await expect(compare.column('Other')).not.toContainText('Goes on from here');
  await expect(chat.turns, 'the question and two answers').toHaveCount(3);
  const words = ((await compare.column('Other').locator('.prose').textContent()) ?? '').trim();

  await compare.keep('Other').focus();
  await page.keyboard.press('Enter');
  await expect(compare.columns).toHaveCount(0);
  await expect(chat.turns).toHaveCount(2);
  await expect(chat.place, 'the one that ended first is the first').toHaveText('1/2');
  await expect(compare.ahead).toHaveCount(0);
  expect(await chat.replyText()).toEqual(words);
  await page.reload();
  await hydrated(page);
  await expect(chat.place).toHaveText('1/2');

  // It stays on until it is taken off, and both go on from what was kept.
  await chat.say('And now?');
  await expect(compare.columns).toHaveCount(2);
  await expect.poll(async () => (await server.requests()).length).toBe(4);
  for (const { messages } of (await server.requests()).slice(-2)) {
    const said = messages.filter(({ role }) => role !== 'system').map(({ content }) => content.trim());
    expect(said).toEqual(['Which one?', words, 'And now?']);
  }
  expect(member.name).toBeTruthy();
});

test('one fails while another goes on, and that one is gone on with', async ({ page, chat, member, server }) => {
  const compare = await make(page, server, { Broken: 'fault-401' });
  await begin(chat, compare, 'Broken');
  await compare.expectStatus('Broken', 'failed');
  await expect(compare.column('Broken')).toContainText('There is no reply.');
  await expect(compare.keep('Broken')).toBeHidden();
  await compare.expectStatus(OWN, 'streaming');
  await compare.expectWhole(OWN, 150);
  await expect(compare.ahead).toContainText(OWN);
  await page.reload();
  await hydrated(page);
  await compare.expectStatus('Broken', 'failed');
  await compare.keep(OWN).click();
  await expect(compare.columns).toHaveCount(0);
  await expect(chat.replies).toHaveCount(1);
  await chat.expectWhole(150);
  expect(member.name).toBeTruthy();
});

test('one is stopped, then all of them, and three fit beside each other', async ({ page, chat, member, server }) => {
  const compare = await make(page, server, { Second: 'words-100000@30', Third: 'words-100000@30' });
  await begin(chat, compare, 'Second', 'Third');
  await Promise.all([OWN, 'Second', 'Third'].map((name) => compare.expectTokens(name, 3)));
  await compare.stop('Second').click();
  await compare.expectStatus('Second', 'stopped');
  await expect(compare.column('Second')).toContainText('You stopped this reply.');
  const shown = (await compare.tokens('Third')).length;
  await compare.expectTokens('Third', shown + 5);
  await chat.stop.click();
  await compare.expectStatus('Third', 'stopped');
  await expect.poll(() => server.runningReplies()).toBe(0);
  await expect(chat.stop).toBeHidden();
  await compare.keep('Third').click();
  await expect(chat.place).toHaveText(/^[123]\/3$/);
  expect(member.name).toBeTruthy();
});

test('a second tab sees the same, and follows when one is kept', async ({ page, chat, member, server, context }) => {
  const compare = await make(page, server, { Other: 'words-120@30' });
  await chat.begin('First');
  const second = await context.newPage();
  await second.goto(page.url());
  await hydrated(second);
  const there = new ComparePage(second);
  await compare.chooseHere('Other');
  await hydrated(page);
  await expect(page.locator('.model-chosen')).toHaveText(`${OWN} + Other`);
  await chat.say('Which one?');
  for (const tab of [compare, there]) {
    await expect(tab.columns).toHaveCount(2);
    await Promise.all([OWN, 'Other'].map((name) => tab.expectTokens(name, 3)));
  }
  // While the first is still being written: it is stopped.
  await compare.expectWhole('Other', 120);
  await compare.keep('Other').click();
  for (const tab of [new ChatPage(page), new ChatPage(second)]) {
    await expect(tab.turns).toHaveCount(4);
    await expect(tab.place).toHaveText('1/2');
    await tab.expectWhole(120);
  }
  await expect.poll(() => server.runningReplies()).toBe(0);
  await compare.chooseHere();
  await hydrated(page);
  await expect(page.locator('.model-chosen')).toHaveText(OWN);
  await chat.say('Alone again');
  await expect(chat.turns).toHaveCount(6);
  await chat.expectStatus('completed');
  expect(member.name).toBeTruthy();
});

test('sending goes on with the first answer without keeping one', async ({ page, chat, member, server }) => {
  const compare = await make(page, server, { Short: 'words-3', Other: 'words-4' });
  await chat.openNew();
  await page.locator('select.model-start').selectOption({ label: 'Short' });
  await compare.choose('Other');
  await chat.say('Which one?');
  await compare.expectWhole('Short', 3);
  await compare.expectWhole('Other', 4);
  const words = ((await compare.column('Short').locator('.prose').textContent()) ?? '').trim();
  await chat.say('And now?');
  await expect(chat.questions).toHaveCount(2);
  await expect(chat.turns, 'one answer in the middle, two at the end').toHaveCount(5);
  await compare.expectWhole('Other', 4);
  await expect(chat.place).toHaveText(/^[12]\/2$/);
  const { messages } = (await server.requests()).at(-1)!;
  expect(messages.map(({ content }) => content.trim())).toContain(words);
  expect(member.name).toBeTruthy();
});

test('it fits a narrow page and can be read by everybody', async ({ page, chat, member, server }) => {
  test.slow();
  const compare = await make(page, server, { Other: 'essay-4000@60' });
  await begin(chat, compare, 'Other');
  await compare.expectTokens(OWN, 3);
  await expectAccessible(page, 'while they are written');
  await chat.stop.click();
  await compare.expectStatus('Other', 'stopped');
  await expectAccessible(page, 'afterwards');
  await page.setViewportSize({ width: 320, height: 640 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  const frame = page.locator('.thread-frame');
  expect(await frame.evaluate((frame) => frame.scrollWidth - frame.clientWidth)).toBeLessThanOrEqual(0);
  // What lies beyond the edge comes into view with the keyboard.
  await compare.keep('Other').focus();
  await expect(compare.keep('Other')).toBeInViewport();
  await page.goto(`${new URL(page.url()).pathname}/model`);
  await hydrated(page);
  await expectAccessible(page, 'choosing');
  expect(member.name).toBeTruthy();
});
