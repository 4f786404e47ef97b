import { expect, test } from '../../fixtures.ts';

test.describe('without scripts a turn', () => {
  test.use({ model: 'think-3+words-6' });

  test('tells its particulars and unfolds its thoughts, in the reader’s own time', async ({ page, chat, member, server }) => {
    await page.context().addCookies([{ name: 'tz', value: 'Asia%2FShanghai', url: server.url }]);
    await page.goto('/chat');
    await chat.composer.fill('go');
    await chat.send.click();
    await chat.expectStatus('completed');
    const reply = chat.replies.last();
    // Copying is a matter of scripts.
    await expect(reply.getByRole('button', { name: 'Copy' })).toHaveCount(0);

    await reply.locator('summary', { hasText: 'Thoughts' }).click();
    await expect(reply.locator('.reasoning-text')).toBeVisible();

    const time = reply.locator('time');
    const at = new Date((await time.getAttribute('datetime'))!);
    const there = at.toLocaleString('en-US', { timeZone: 'Asia/Shanghai', dateStyle: 'medium', timeStyle: 'short' });
    await expect(time).toHaveAttribute('title', there.replace(/\s+/g, ' '));

    await reply.getByRole('button', { name: 'Details' }).click();
    await expect(page).toHaveURL(/details=/);
    await expect(reply.locator('.facts')).toContainText('think-3+words-6');
    await expect(reply.locator('.facts')).toContainText('just now');
    expect(member.name).toBeTruthy();
  });
});

test.describe('without scripts a very long message', () => {
  test.use({ model: 'words-3' });

  test('is folded and unfolds', async ({ page, chat, member }) => {
    await page.goto('/chat');
    await chat.composer.fill(Array.from({ length: 300 }, (_, number) => `line ${number}`).join('\n'));
    await chat.send.click();
    await chat.expectStatus('completed');
    const question = chat.questions.first();
    await expect(question.getByText('line 299')).toBeHidden();
    await question.getByText('Show all (300 lines)').click();
    await expect(question.getByText('line 299')).toBeVisible();
    expect(member.name).toBeTruthy();
  });
});
