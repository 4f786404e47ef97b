// A long conversation without scripts: links lead along it.
import { expect, test } from '../../fixtures.ts';
import { converse, Thread } from '../../pages/long.ts';

test.use({ model: 'echo' });

test('links lead back, on, and to the end', async ({ page, server, member }) => {
  const said = await converse(page, server, 30);
  const thread = new Thread(page);
  await page.goto(said.path);
  await expect(thread.turn(said.ids.at(-1)!)).toBeInViewport();
  await page.getByRole('link', { name: 'Earlier messages' }).click();
  await expect(page).toHaveURL(/\?before=/);
  await expect(thread.turn(said.ids[51]!)).toBeAttached();
  await expect(thread.turn(said.ids[52]!)).not.toBeAttached();
  await page.goto(`${said.path}?m=${said.ids[10]}`);
  await expect(thread.turn(said.ids[10]!)).toBeInViewport();
  await page.getByRole('link', { name: 'Later messages' }).click();
  await expect(thread.turn(said.ids[24]!)).toBeAttached();
  expect(member.name).toBeTruthy();
});
