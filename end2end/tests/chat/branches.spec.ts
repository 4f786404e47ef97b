import { ChatPage } from '../../pages/chat.ts';
import { expect, hydrated, test } from '../../fixtures.ts';

test.describe('a reply', () => {
  test.use({ model: 'words-12@100' });

  test('is written anew beside the first, and both can be read', async ({ page, chat, member }) => {
    await chat.begin('go');
    const first = await chat.replyText();
    await chat.act('Regenerate').click();
    await expect(chat.place).toHaveText('2/2');
    await chat.expectStatus('completed');
    await chat.expectWhole(12);
    const second = await chat.replyText();
    expect(second).not.toEqual(first);
    await expect(chat.turns).toHaveCount(2);

    await chat.act('Previous version').click();
    await expect(chat.place).toHaveText('1/2');
    await expect.poll(() => chat.replyText()).toEqual(first);
    // The keyboard is where the version is named.
    await expect(page.getByRole('group', { name: 'Version 1 of 2' })).toBeFocused();
    await expect(chat.act('Previous version')).toBeDisabled();
    await page.reload();
    await hydrated(page);
    await expect(chat.place).toHaveText('1/2');
    await expect.poll(() => chat.replyText()).toEqual(first);
    await chat.act('Next version').click();
    await expect(chat.place).toHaveText('2/2');
    await expect.poll(() => chat.replyText()).toEqual(second);
    expect(member.name).toBeTruthy();
  });

  test('and the way between versions are the same in three tabs @desktop', async ({ page, chat, member, context }) => {
    await chat.begin('go');
    const first = await chat.replyText();
    const others: ChatPage[] = [];
    for (let tab = 0; tab < 2; tab++) {
      const other = await context.newPage();
      await other.goto(page.url());
      await hydrated(other);
      others.push(new ChatPage(other));
    }
    const all = [chat, ...others];
    await chat.act('Regenerate').click();
    for (const tab of all) {
      await expect(tab.place).toHaveText('2/2');
      await tab.expectStatus('completed');
      await tab.expectWhole(12);
    }
    const second = await chat.replyText();
    for (const tab of others) expect(await tab.replyText()).toEqual(second);
    await others[0]!.act('Previous version').click();
    for (const tab of all) {
      await expect(tab.place).toHaveText('1/2');
      await expect.poll(() => tab.replyText()).toEqual(first);
    }
    expect(member.name).toBeTruthy();
  });
});

test.describe('a question', () => {
  test.use({ model: 'echo' });

  test('is reworded in its place, and the old wording stays beside it', async ({ page, chat, member }) => {
    await chat.begin('one');
    await chat.say('two');
    await expect(chat.turns).toHaveCount(4);
    await chat.expectStatus('completed');

    await chat.act('Edit').click();
    const box = page.getByRole('textbox', { name: 'Another wording' });
    await expect(box).toHaveValue('two');
    await box.press('Escape');
    await expect(box).toHaveCount(0);
    await expect(chat.composer).toBeVisible();

    await chat.reword('two, but better');
    await expect(chat.questions.last()).toContainText('two, but better');
    await expect(chat.replies.last()).toContainText('two, but better');
    await chat.expectStatus('completed');
    await expect(chat.turns).toHaveCount(4);
    await expect(chat.place).toHaveText('2/2');

    // The first one too: everything after it belongs to the old wording.
    await chat.questions.first().getByRole('button', { name: 'Edit' }).click();
    await box.fill('a fresh start');
    await page.getByRole('button', { name: 'Save & send' }).click();
    await expect(chat.turns).toHaveCount(2);
    await expect(chat.replies.last()).toContainText('a fresh start');
    await chat.expectStatus('completed');
    await chat.questions.first().getByRole('button', { name: 'Previous version' }).click();
    await expect(chat.turns).toHaveCount(4);
    await expect(chat.questions.last()).toContainText('two, but better');
    expect(member.name).toBeTruthy();
  });

  test('that cannot be sent keeps its new wording', async ({ page, chat, member }) => {
    await chat.begin('one');
    await page.route('**/rpc/**', (route) => route.abort());
    await chat.reword('do not lose me');
    const box = page.getByRole('textbox', { name: 'Another wording' });
    await expect(page.locator('.edit [role=alert]')).toBeVisible();
    await expect(box).toHaveValue('do not lose me');
    await page.unroute('**/rpc/**');
    await page.getByRole('button', { name: 'Save & send' }).click();
    await expect(chat.replies.last()).toContainText('do not lose me');
    await expect(chat.turns).toHaveCount(2);
    expect(member.name).toBeTruthy();
  });

  test('that is still on its way lets the next one be typed', async ({ page, chat, member }) => {
    await chat.openNew();
    let go = () => {};
    const typed = new Promise<void>((resolve) => (go = resolve));
    await page.route('**/rpc/**', async (route) => {
      await typed;
      await route.continue();
    });
    await chat.say('the first');
    await expect(chat.composer).toHaveValue('');
    await chat.composer.pressSequentially('the next thought', { delay: 20 });
    go();
    await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
    await expect(chat.composer).toHaveValue('the next thought');
    // And the keyboard goes on where it was.
    await expect(chat.composer).toBeFocused();
    await page.keyboard.type(', and one more');
    await expect(chat.composer).toHaveValue('the next thought, and one more');
    await chat.expectStatus('completed');
    await expect(chat.questions).toHaveCount(1);
    await expect(chat.questions.first()).toContainText('the first');
    expect(member.name).toBeTruthy();
  });
});

test.describe('a provider that fails once', () => {
  test.use({ model: 'fault-flaky-401@1' });

  test('is asked again at a press', async ({ chat, member }) => {
    await chat.openNew();
    await chat.say('go');
    await chat.retry().click();
    await chat.expectStatus('completed');
    await expect(chat.retry()).toHaveCount(0);
    await expect(chat.turns).toHaveCount(2);
    await expect(chat.place).toHaveCount(0);
    expect(member.name).toBeTruthy();
  });
});

test.describe('a long conversation', () => {
  test.use({ model: 'echo' });

  test('can be opened at an earlier stretch, with a way back @desktop', async ({ page, chat, member }) => {
    await chat.begin('one');
    await chat.say('two');
    await expect(chat.turns).toHaveCount(4);
    await chat.expectStatus('completed');
    const path = new URL(page.url()).pathname;
    const id = await chat.questions.last().locator('button[name=edit]').getAttribute('value');
    await page.goto(`${path}?before=${id}`);
    await hydrated(page);
    await expect(chat.turns).toHaveCount(2);
    await expect(chat.composer).toHaveCount(0);
    await page.getByRole('link', { name: 'Back to the latest' }).click();
    await expect(chat.turns).toHaveCount(4);
    await expect(chat.composer).toBeVisible();
    expect(member.name).toBeTruthy();
  });
});
