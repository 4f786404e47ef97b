// Personas of one's own: made, talked to, changed, taken along, deleted.
import { readFile } from 'node:fs/promises';
import { expect, hydrated, test } from '../../fixtures.ts';
import { RolesPage } from '../../pages/roles.ts';

test.use({ model: 'echo' });

test('a persona greets, suggests, and the model reads its prompt and presets', async ({ page, member, chat, server }) => {
  const roles = new RolesPage(page);
  await roles.make({
    name: 'Nell',
    prompt: 'You are a gardener.',
    greeting: 'Good morning from the garden',
    questions: ['When do I prune?', 'What likes shade?'],
    preset: ['Hello', 'Hello, friend of plants'],
  });
  await roles.row('Nell').getByRole('link', { name: 'Begin: Nell' }).click();
  await hydrated(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Good morning from the garden');
  await expect(page.getByRole('radio', { name: 'Nell' })).toBeChecked();
  await page.getByRole('link', { name: 'When do I prune?' }).click();
  await chat.expectStatus('completed');
  await expect(chat.replies.last().getByRole('heading', { name: 'Nell' })).toBeVisible();
  const asked = (await server.requests()).at(-1)!.messages;
  expect(asked).toEqual([
    { role: 'system', content: 'You are a gardener.' },
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: 'Hello, friend of plants' },
    { role: 'user', content: 'When do I prune?' },
  ]);
  expect(member.name).toBeTruthy();
});

test('whoever is chosen at the start greets and suggests at once', async ({ page, member, chat }) => {
  const roles = new RolesPage(page);
  await roles.make({ name: 'Nell', prompt: 'You are a gardener.', greeting: 'Good morning from the garden', questions: ['When do I prune?'] });
  await chat.openNew();
  const title = page.getByRole('heading', { level: 1 });
  const suggestion = page.getByRole('link', { name: 'When do I prune?' });
  await expect(title).not.toBeEmpty();
  const before = (await title.textContent())!;
  await expect(suggestion).toHaveCount(0);
  const first = page.getByRole('radio', { checked: true });
  const name = (await first.getAttribute('value'))!;
  const nell = page.getByRole('radio', { name: 'Nell' });
  const hers = (await nell.getAttribute('value'))!;
  await nell.check();
  await expect(title).toHaveText('Good morning from the garden');
  await expect(suggestion).toHaveAttribute('href', new RegExp(`persona=${hers.replaceAll('-', '%2D')}&`));
  await page.locator(`input[name=persona][value="${name}"]`).check();
  await expect(title).not.toHaveText('Good morning from the garden');
  await expect(suggestion).toHaveCount(0);
  expect(before).not.toContain('garden');
  expect(member.name).toBeTruthy();
});

test('who was chosen before the page came to life greets too', async ({ page, member, chat }) => {
  const roles = new RolesPage(page);
  await roles.make({ name: 'Nell', prompt: 'You are a gardener.', greeting: 'Good morning from the garden' });
  let go = (): void => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/chat');
  await page.getByRole('radio', { name: 'Nell' }).check();
  go();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Good morning from the garden');
  await expect(page.getByRole('radio', { name: 'Nell' })).toBeChecked();
  expect(member.name).toBeTruthy();
  expect(chat).toBeTruthy();
});

test('it is changed, downloaded, made again from the file, and deleted', async ({ page, member }) => {
  const roles = new RolesPage(page);
  await roles.make({ name: 'Nell', prompt: 'You are a gardener.', questions: ['Why?'] });
  await roles.row('Nell').getByRole('link', { name: 'Edit: Nell' }).click();
  await expect(roles.field('Suggested questions')).toHaveValue('Why?');
  await roles.field('Name').fill('Nora');
  await roles.field('Can be chosen').uncheck();
  await roles.press('Save');
  await expect(roles.row('Nora')).toContainText('Switched off');
  await expect(roles.row('Nora').getByRole('link', { name: /Begin/ })).toHaveCount(0);
  await roles.row('Nora').getByRole('link', { name: 'Edit: Nora' }).click();
  const saving = page.waitForEvent('download');
  await roles.main.getByRole('link', { name: 'Download as a file' }).click();
  const file = await readFile(await (await saving).path(), 'utf8');
  await roles.main.getByText('Delete persona').click();
  await roles.press('Delete for ever');
  await expect(roles.news).toHaveText('The persona is deleted.');
  await expect(roles.row('Nora')).toHaveCount(0);
  await page.goto('/roles/new');
  await roles.field('Text of the file').fill('not a persona');
  await roles.press('Make one from a file');
  await expect(roles.news).toContainText('not the text of a persona');
  await expect(roles.field('Text of the file')).toHaveValue('not a persona');
  await roles.field('Text of the file').fill(file);
  await roles.press('Make one from a file');
  await expect(roles.row('Nora')).toContainText('Switched off');
  expect(member.name).toBeTruthy();
});
