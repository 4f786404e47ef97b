// Looking for words in what the page does not show.
import { expect, hydrated, test } from '../../fixtures.ts';
import { converse, Thread } from '../../pages/long.ts';

test.use({ model: 'echo' });

const words = (turn: number) => `Turn ${turn} about ${turn % 10 === 3 ? 'the Hidden Tide 潮汐' : 'nothing much'}. ${'And so on. '.repeat(20)}`;

test('Ctrl F looks through the whole conversation and goes to what it found @desktop', async ({ page, server, member }) => {
  const said = await converse(page, server, 40, words);
  const thread = new Thread(page);
  await page.goto(said.path);
  await hydrated(page);
  await page.keyboard.press('Control+f');
  const field = page.getByRole('searchbox', { name: 'Find in this conversation' });
  await expect(field).toBeFocused();
  // Each is said and echoed: two messages a turn.
  await field.fill('hidden tide');
  const bar = page.getByRole('search', { name: 'Find in this conversation' });
  await expect(bar.getByRole('status')).toHaveText('8 of 8');
  await expect(thread.turn(said.ids[67]!)).toBeInViewport();
  await expect(thread.turn(said.ids[67]!)).toHaveAttribute('data-marked', '');
  const coloured = () =>
    page.evaluate(() => [...(CSS.highlights.get('found') ?? [])].map((range) => range.toString().toLowerCase()));
  await expect.poll(coloured).toContain('hidden tide');

  await field.press('Enter');
  await expect(bar.getByRole('status')).toHaveText('1 of 8');
  await expect(thread.turn(said.ids[6]!)).toBeInViewport();
  await bar.getByRole('button', { name: 'Next match' }).click();
  await expect(bar.getByRole('status')).toHaveText('2 of 8');
  await bar.getByRole('button', { name: 'Previous match' }).click();
  await expect(bar.getByRole('status')).toHaveText('1 of 8');

  await field.fill('潮汐');
  await expect(bar.getByRole('status')).toHaveText('8 of 8');
  await field.fill('not there at all');
  await expect(bar.getByRole('status')).toHaveText('No match');
  await field.press('Escape');
  await expect(bar).toBeHidden();
  expect(await page.evaluate(() => CSS.highlights.has('found'))).toBe(false);
  expect(member.name).toBeTruthy();
});

test('a page that was opened with a search goes on with it, and the glass opens one', async ({ page, server, member }) => {
  const said = await converse(page, server, 20, words);
  const thread = new Thread(page);
  await page.goto(`${said.path}?find=hidden+tide&m=${said.ids[7]}`);
  await hydrated(page);
  const bar = page.getByRole('search', { name: 'Find in this conversation' });
  await expect(bar.getByRole('status')).toHaveText('2 of 4');
  await expect(bar.getByRole('searchbox')).toHaveValue('hidden tide');
  await expect(bar.getByRole('listitem')).toHaveCount(0);
  await bar.getByRole('button', { name: 'Next match' }).click();
  await expect(bar.getByRole('status')).toHaveText('3 of 4');
  await expect(thread.turn(said.ids[26]!)).toBeInViewport();
  await bar.getByRole('link', { name: 'Close the search' }).click();
  await expect(bar).toHaveCount(0);
  await page.getByRole('link', { name: 'Find in this conversation' }).click();
  await expect(bar.getByRole('searchbox')).toBeFocused();
  await expect(bar.getByRole('searchbox')).toHaveValue('');
  expect(member.name).toBeTruthy();
});

test('where the page shows everything, the browser’s own search is enough @desktop', async ({ page, server, member }) => {
  const said = await converse(page, server, 2);
  await page.goto(said.path);
  await hydrated(page);
  const prevented = await page.evaluate(
    () => !dispatchEvent(new KeyboardEvent('keydown', { key: 'f', ctrlKey: true, cancelable: true, bubbles: true })),
  );
  expect(prevented).toBe(false);
  await expect(page.getByRole('search', { name: 'Find in this conversation' })).toHaveCount(0);
  expect(member.name).toBeTruthy();
});
