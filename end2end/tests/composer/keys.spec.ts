// Which keys send, and which never do.
import { expect, test } from '../../fixtures.ts';

test.use({ model: 'echo' });

/** Enter as an input method sends it: while it composes, then as Safari does, after the composition has ended. */
const COMPOSED = [
  { isComposing: true, keyCode: 229 },
  { isComposing: false, keyCode: 229 },
];

test('keys of an input method do nothing, in the order of Chromium and in that of Safari @desktop', async ({ page, chat, member }) => {
  await chat.begin('first');
  const url = page.url();
  await chat.composer.fill('你好');
  for (const init of COMPOSED) {
    for (const key of ['Enter', 'Escape', 'ArrowUp']) {
      await chat.composer.evaluate(
        (box, [key, init]) =>
          box.dispatchEvent(
            new KeyboardEvent('keydown', { key: key as string, code: key as string, bubbles: true, cancelable: true, ...(init as object) }),
          ),
        [key, init] as const,
      );
    }
  }
  await page.waitForTimeout(200);
  await expect(chat.composer).toHaveValue('你好');
  await expect(chat.questions).toHaveCount(1);
  expect(page.url()).toBe(url);
  await chat.composer.press('Enter');
  await expect(chat.questions).toHaveCount(2);
  expect(member.name).toBeTruthy();
});

test('Ctrl+Enter always sends @desktop', async ({ page, chat, member }) => {
  await chat.openNew();
  // What the settings write on the page.
  await page.evaluate(() => document.documentElement.setAttribute('data-enter', 'newline'));
  await chat.composer.fill('one');
  await chat.composer.press('Enter');
  await chat.composer.pressSequentially('two');
  await expect(chat.composer).toHaveValue('one\ntwo');
  await expect(page.getByText('Ctrl/⌘ + Enter sends')).toBeVisible();
  await chat.composer.press('Control+Enter');
  await expect(chat.questions.first()).toContainText(/one\s+two/);
  expect(member.name).toBeTruthy();
});

test('on a touch screen Enter starts a new line @mobile', async ({ chat, member }) => {
  await chat.openNew();
  await chat.composer.fill('one');
  await chat.composer.press('Enter');
  await chat.composer.pressSequentially('two');
  await expect(chat.composer).toHaveValue('one\ntwo');
  await chat.send.click();
  await expect(chat.questions.first()).toContainText(/one\s+two/);
  expect(member.name).toBeTruthy();
});

test('a suggestion is sent by one click, and what stands in the composer goes along', async ({ page, chat, member }) => {
  await chat.openNew();
  await chat.composer.fill('my next thought');
  const suggestion = page.getByRole('list', { name: 'Ideas to begin with' }).getByRole('link').first();
  const words = (await suggestion.innerText()).trim();
  await suggestion.click();
  await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
  await expect(chat.questions).toHaveCount(1);
  await expect(chat.questions.first()).toContainText(words);
  await expect(chat.composer).toHaveValue('my next thought');
  expect(member.name).toBeTruthy();
});

test('the size is shown near the greatest, and a text beyond it comes back', async ({ page, chat, member }) => {
  await chat.begin('first');
  await chat.composer.fill('x'.repeat(200 * 1024));
  await expect(page.getByText('of 256 KiB')).toBeHidden();
  const long = '字'.repeat(90 * 1024);
  await chat.composer.fill(long);
  await expect(page.getByText('270 of 256 KiB')).toBeVisible();
  await chat.send.click();
  await expect(page.getByRole('alert').filter({ hasText: 'too large' })).toBeVisible();
  await expect(chat.composer).toHaveValue(long);
  await expect(chat.questions).toHaveCount(1);
  expect(member.name).toBeTruthy();
});
