import { expect, test } from '../../fixtures.ts';

test.use({ model: 'words-6' });

test('another reply, another wording and the way between them without scripts', async ({ page, chat, member }) => {
  await page.goto('/chat');
  await chat.composer.fill('go');
  await chat.send.click();
  await chat.expectStatus('completed');
  const first = await chat.replyText();
  await chat.act('Regenerate').click();
  await expect(chat.place).toHaveText('2/2');
  await chat.expectStatus('completed');
  expect(await chat.replyText()).not.toEqual(first);
  await chat.act('Previous version').click();
  await expect(chat.place).toHaveText('1/2');
  expect(await chat.replyText()).toEqual(first);

  await chat.act('Edit').click();
  await expect(page).toHaveURL(/[?&]edit=/);
  const box = page.getByRole('textbox', { name: 'Another wording' });
  await expect(box).toHaveValue('go');
  await box.fill('go on, then');
  await page.getByRole('button', { name: 'Save & send' }).click();
  await expect(chat.questions).toHaveCount(1);
  await expect(chat.questions.first()).toContainText('go on, then');
  await chat.expectStatus('completed');
  await expect(chat.questions.first().locator('.versions-place')).toHaveText('2/2');
  expect(member.name).toBeTruthy();
});
