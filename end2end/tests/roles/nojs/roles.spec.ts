// Personas without scripts.
import { expect, test } from '../../../fixtures.ts';
import { RolesPage } from '../../../pages/roles.ts';

test.use({ model: 'echo' });

test('a persona is made, begun with and refused to others without scripts', async ({ page, member }) => {
  const roles = new RolesPage(page);
  await roles.make({ name: 'Nell', prompt: 'You are a gardener.', greeting: 'Good morning from the garden', questions: ['When do I prune?'] });
  const edit = await roles.row('Nell').getByRole('link', { name: 'Edit: Nell' }).getAttribute('href');
  await roles.row('Nell').getByRole('link', { name: 'Begin: Nell' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Good morning from the garden');
  await expect(page.getByRole('radio', { name: 'Nell' })).toBeChecked();
  await page.getByRole('link', { name: 'When do I prune?' }).click();
  await expect(page.getByRole('radio', { name: 'Nell' })).toBeChecked();
  await expect(page.getByRole('textbox').first()).toHaveValue('When do I prune?');
  const missing = await page.goto(`${edit!.slice(0, -4)}0000`);
  expect(missing!.status()).toBe(404);
  const everybodys = await page.goto('/roles/01941f29-7c00-7000-8000-000000000001');
  expect(everybodys!.status()).toBe(404);
  expect(member.name).toBeTruthy();
});
