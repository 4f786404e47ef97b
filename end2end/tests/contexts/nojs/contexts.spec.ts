// Contexts without scripts.
import { expect, test } from '../../../fixtures.ts';
import { ContextsPage } from '../../../pages/contexts.ts';

test.use({ model: 'echo' });

test('a context is kept, put into a conversation, and deleted without scripts', async ({ page, member, server }) => {
  const contexts = new ContextsPage(page);
  await contexts.make('Me', 'I am a nurse.');
  await page.goto('/chat');
  await page.getByRole('textbox').first().fill('Hello');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await contexts.ofThis();
  await contexts.field('Take the text of').selectOption('Me');
  await contexts.press('Put it in');
  await expect(contexts.news).toContainText('not saved yet');
  await expect(contexts.field('What the model is told')).toHaveValue('I am a nurse.');
  await contexts.press('Save');
  await expect(contexts.news).toHaveText('Saved.');
  await expect.poll(async () => (await server.requests()).length).toBe(1);
  await contexts.main.getByRole('link', { name: 'Back to the conversation' }).click();
  await page.waitForURL(/\/chat\/[0-9a-f-]{36}$/);
  await expect(page.locator('article[data-role=assistant]').last()).toHaveAttribute('data-status', 'completed');
  await page.getByRole('textbox').last().fill('Again');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect.poll(async () => (await server.requests()).at(-1)!.messages[0]!.content).toMatch(/\n\nI am a nurse\.$/);
  await page.goto('/contexts');
  await contexts.rows.getByRole('link', { name: 'Edit: Me' }).click();
  await contexts.main.locator('summary').click();
  await contexts.press('Delete for ever');
  await expect(contexts.news).toHaveText('The context is deleted.');
  const missing = await page.goto('/chat/01941f29-7c00-7000-8000-000000000001/context');
  expect(missing!.status()).toBe(404);
  expect(member.name).toBeTruthy();
});
