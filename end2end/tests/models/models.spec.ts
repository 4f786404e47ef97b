// Models of one's own: made, tested, chosen for a conversation and for one reply, limited, deleted.
import { expect, hydrated, test, type Server } from '../../fixtures.ts';
import { lastAsked, ModelsPage } from '../../pages/models.ts';

// The provider is on this machine, which the server calls for nobody unless it is told to.
test.use({ model: 'echo', settings: { PARLANCE_EGRESS_ALLOW: '{provider}' } });

const KEY = 'sk-own-0123456789';
const own = (server: Server) => ({ name: 'Mine', address: server.providerUrl, model: 'words-3', key: KEY });

test('a model of one\'s own is made, begun with, and answers', async ({ page, chat, member, server }) => {
  const models = new ModelsPage(page);
  await models.make(own(server));
  await expect(models.row('Mine')).toContainText('words-3');
  await expect(models.row('Mine')).toContainText('…6789');
  expect(await page.content()).not.toContain(KEY);
  await models.row('Mine').getByRole('link', { name: 'Begin: Mine' }).click();
  await hydrated(page);
  await expect(models.start.locator('option:checked')).toHaveText('Mine');
  await chat.say('Hello');
  await chat.expectStatus('completed');
  await chat.expectWhole(3);
  await expect(models.chosen).toHaveText('Mine');
  expect((await lastAsked(server)).model).toBe('words-3');
  await page.reload();
  await hydrated(page);
  await expect(models.chosen).toHaveText('Mine');
  await chat.say('And again');
  await expect(chat.replies).toHaveCount(2);
  await chat.expectStatus('completed');
  expect((await lastAsked(server)).model).toBe('words-3');
  expect(member.name).toBeTruthy();
});

test('in the middle another model is chosen, and one reply is given again by a third', async ({ page, chat, member, server }) => {
  const models = new ModelsPage(page);
  await models.make(own(server));
  await models.make({ ...own(server), name: 'Other', model: 'words-2' });
  await chat.begin('Hello');
  expect(await chat.replyText()).toContain('Hello');
  await models.choose('Mine');
  await hydrated(page);
  await chat.say('And now?');
  await expect(chat.replies).toHaveCount(2);
  await chat.expectStatus('completed');
  await chat.expectWhole(3);
  await chat.act('Details').click();
  const facts = page.getByRole('article').last().locator('.facts');
  await expect(facts).toContainText('words-3');
  await expect(facts).toContainText('Persona');
  await expect(facts).toContainText('First words after');
  await page.getByRole('link', { name: 'Answer again with another model…' }).click();
  await models.field('Model').selectOption({ label: 'Other' });
  await models.press('Answer again');
  await expect(chat.place).toHaveText('2/2', { timeout: 20_000 });
  await chat.expectStatus('completed');
  await chat.expectWhole(2);
  await expect(models.chosen, 'the conversation keeps its own').toHaveText('Mine');
  expect(member.name).toBeTruthy();
});

test('parameters of a conversation reach the provider, over those of its model', async ({ page, chat, member, server }) => {
  const models = new ModelsPage(page);
  await models.fill(own(server));
  await models.main.getByText('Parameters', { exact: true }).click();
  await models.field('Temperature (0 to 2)').fill('0.4');
  await models.field('Stop words').fill('END');
  await models.press('Save');
  await models.row('Mine').getByRole('link', { name: 'Begin: Mine' }).click();
  await hydrated(page);
  await chat.say('Hello');
  await chat.expectStatus('completed');
  expect(await lastAsked(server)).toMatchObject({ temperature: 0.4, stop: ['END'] });
  await models.chosen.click();
  await page.locator('.model-panel').getByRole('link', { name: 'Parameters' }).click();
  await expect(models.field('Temperature (0 to 2)')).toHaveAttribute('placeholder', 'As the model has it: 0.4');
  await models.field('Temperature (0 to 2)').fill('warm');
  await models.field('Seed').fill('7');
  await models.press('Save');
  await expect(models.main.locator('.field-error')).toHaveText('A number from 0 to 2.');
  await expect(models.field('Seed')).toHaveValue('7');
  await models.field('Temperature (0 to 2)').fill('1.5');
  await models.press('Save');
  await hydrated(page);
  await chat.say('And now?');
  await expect(chat.replies).toHaveCount(2);
  await chat.expectStatus('completed');
  expect(await lastAsked(server)).toMatchObject({ model: 'words-3', temperature: 1.5, seed: 7, stop: ['END'] });
  expect(member.name).toBeTruthy();
});

test('a page that was come to by a link has the control too @desktop', async ({ page, chat, member, server }) => {
  const models = new ModelsPage(page);
  await models.make(own(server));
  await chat.begin('First');
  await expect(models.chosen).toHaveText('echo');
  await models.choose('Mine');
  await hydrated(page);
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await expect(models.start).toBeVisible();
  await models.start.selectOption({ label: 'Mine' });
  await chat.say('Second');
  await chat.expectStatus('completed');
  await expect(models.chosen).toHaveText('Mine');
  await page.getByRole('navigation').getByRole('link', { name: 'First' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('First');
  await expect(models.chosen).toHaveText('Mine');
  expect(member.name).toBeTruthy();
});

test('a connection that works lists models, and nothing typed is lost', async ({ page, member, server }) => {
  const models = new ModelsPage(page);
  await models.fill({ ...own(server), model: '' });
  await models.press('Test connection');
  await expect(models.news).toContainText('The provider answers. It lists');
  await expect(models.main.locator('#model-names option')).not.toHaveCount(0);
  await expect(models.field('Name')).toHaveValue('Mine');
  await expect(models.field('Address')).toHaveValue(server.providerUrl);
  await expect(models.field('Key')).toHaveValue('');
  expect(await page.content()).not.toContain(KEY);
  await models.field('Model').fill('words-3');
  await models.press('Save');
  await expect(models.row('Mine'), 'with the key that was typed before the test').toContainText('…6789');
  expect(member.name).toBeTruthy();
});

test('a connection that fails says why, and a key goes nowhere else', async ({ page, member, server }) => {
  const models = new ModelsPage(page);
  await models.fill({ ...own(server), address: 'http://127.0.0.1:9/v1' });
  await models.press('Test connection');
  await expect(models.news).toContainText('The connection does not work.');
  await expect(models.news).toContainText('This server does not call this address.');
  await expect(models.field('Model')).toHaveValue('words-3');
  await models.field('Address').fill(server.providerUrl);
  await models.press('Save');
  await expect(models.main.locator('.field-error')).toContainText('enter the key again');
  await models.field('Key').fill(KEY);
  await models.press('Save');
  await models.row('Mine').getByRole('link', { name: 'Edit: Mine' }).click();
  await expect(models.main).toContainText('it ends in …6789');
  await models.field('Address').fill('https://elsewhere.example/v1');
  await models.press('Save');
  await expect(models.main.locator('.field-error')).toContainText('enter the key again');
  await expect(models.field('Address')).toHaveValue('https://elsewhere.example/v1');
  expect(member.name).toBeTruthy();
});

test('several are deleted at once, and a conversation says that its model is gone', async ({ page, chat, member, server }) => {
  const models = new ModelsPage(page);
  await models.make(own(server));
  await models.make({ ...own(server), name: 'Other' });
  await models.row('Mine').getByRole('link', { name: 'Begin: Mine' }).click();
  await hydrated(page);
  await chat.say('Hello');
  await chat.expectStatus('completed');
  const conversation = page.url();
  await models.open();
  await models.row('Mine').getByRole('checkbox').check();
  await models.row('Other').getByRole('checkbox').check();
  await models.main.getByText('Delete selected').click();
  await models.press('Delete for ever');
  await expect(models.news).toHaveText('Deleted.');
  await expect(models.rows).toHaveCount(1);
  await page.goto(conversation);
  await hydrated(page);
  await expect(models.chosen).toHaveText('The model that was chosen is gone');
  expect(member.name).toBeTruthy();
});
