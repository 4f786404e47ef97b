// What the model is told beside the conversation: edited, and obeyed by the next request.
import { expect, hydrated, test } from '../../fixtures.ts';
import { ContextsPage } from '../../pages/contexts.ts';

test.use({ model: 'history' });

test('the next reply obeys the edited context', async ({ page, member, chat, server }) => {
  const contexts = new ContextsPage(page);
  await chat.begin('one');
  await contexts.ofThis();
  await expect(contexts.gauge).toContainText('tokens');
  await expect(contexts.gauge).toContainText('Sent: 2');
  await expect(contexts.rows).toHaveCount(2);
  await contexts.field('What the model is told').fill('Answer in verse.');
  await contexts.rows.nth(1).getByRole('checkbox').uncheck();
  await contexts.press('Save');
  await expect(contexts.news).toHaveText('Saved.');
  await expect(contexts.gauge).toContainText('Does not count: 1');
  await contexts.rows.nth(0).getByRole('link', { name: /^Edit wording/ }).click();
  await expect(contexts.main.getByRole('heading', { name: 'As it was said' })).toBeVisible();
  await contexts.field('What the model is told').fill('uno');
  await contexts.press('Save');
  await expect(contexts.rows.nth(0)).toContainText('Worded otherwise');
  await contexts.main.getByRole('link', { name: 'Back to the conversation' }).click();
  await hydrated(page);
  await expect(chat.questions.first()).toContainText('one');
  await chat.say('two');
  await expect(chat.replies).toHaveCount(2);
  await chat.expectStatus('completed');
  const asked = (await server.requests()).at(-1)!.messages;
  // Behind the persona's own prompt.
  expect(asked[0]!.content).toMatch(/\n\nAnswer in verse\.$/);
  expect(asked.slice(1)).toEqual([
    { role: 'user', content: 'uno' },
    { role: 'user', content: 'two' },
  ]);
  expect(member.name).toBeTruthy();
});

test('a new conversation begins with a copy of the default', async ({ page, member, chat, server }) => {
  const contexts = new ContextsPage(page);
  await contexts.make('Me', 'I am a nurse.', true);
  await expect(contexts.rows).toContainText('Begins new conversations');
  await chat.begin('Hello');
  const asked = (await server.requests()).at(-1)!.messages;
  expect(asked[0]!.content).toMatch(/\n\nI am a nurse\.$/);
  expect(asked.slice(1)).toEqual([{ role: 'user', content: 'Hello' }]);
  await contexts.ofThis();
  await expect(contexts.field('What the model is told')).toHaveValue('I am a nurse.');
  expect(member.name).toBeTruthy();
});
