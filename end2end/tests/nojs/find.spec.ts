// Looking for words in a conversation without scripts: a form, and links to what it found.
import { expect, test } from '../../fixtures.ts';
import { converse, Thread } from '../../pages/long.ts';

test.use({ model: 'echo' });

const words = (turn: number) => `Turn ${turn} about ${turn % 10 === 3 ? 'the Hidden Tide 潮汐' : 'nothing much'}. ${'And so on. '.repeat(20)}`;

test('the whole conversation is looked through, and every hit has a link', async ({ page, server, member }) => {
  const said = await converse(page, server, 20, words);
  const thread = new Thread(page);
  await page.goto(said.path);
  await page.getByRole('link', { name: 'Find in this conversation' }).click();
  const bar = page.getByRole('search', { name: 'Find in this conversation' });
  const field = bar.getByRole('searchbox');
  const place = bar.getByRole('status');
  await field.fill('hidden tide');
  await field.press('Enter');
  // Each is said and echoed: two messages a turn.
  await expect(place).toHaveText('4 of 4');
  await expect(field).toHaveValue('hidden tide');
  const hits = bar.getByRole('listitem');
  await expect(hits).toHaveCount(4);
  await expect(hits.locator('mark')).toHaveText(Array(4).fill('Hidden Tide'));

  await hits.first().getByRole('link').click();
  await expect(place).toHaveText('1 of 4');
  await expect(thread.turn(said.ids[6]!)).toBeInViewport();
  await expect(thread.turn(said.ids[6]!)).toHaveAttribute('data-marked', '');
  await bar.getByRole('button', { name: 'Next match' }).click();
  await expect(place).toHaveText('2 of 4');
  await expect(thread.turn(said.ids[7]!)).toHaveAttribute('data-marked', '');
  await bar.getByRole('button', { name: 'Previous match' }).click();
  await bar.getByRole('button', { name: 'Previous match' }).click();
  await expect(place).toHaveText('4 of 4');

  await field.fill('潮汐 & <b>');
  await field.press('Enter');
  await expect(place).toHaveText('No match');
  await expect(field).toHaveValue('潮汐 & <b>');
  await expect(hits).toHaveCount(0);
  await bar.getByRole('link', { name: 'Close the search' }).click();
  await expect(bar).toHaveCount(0);
  expect(member.name).toBeTruthy();
});
