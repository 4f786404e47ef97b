// A long conversation stands in the page only in part, wherever its reader is.
import { expect, hydrated, test } from '../../fixtures.ts';
import { converse, Thread } from '../../pages/long.ts';

const PARAGRAPH = 'Tides follow the moon, and a little the sun. '.repeat(6);
const words = (turn: number) => `Turn ${turn}. ${PARAGRAPH}`;

// Nobody says so much in a minute; what was said in a year is on trial.
test.use({ model: 'echo', settings: { PARLANCE_RATE_USER_SENDS: '100000' } });

test('the first HTML holds the end of it and is small', async ({ page, server, member }) => {
  const said = await converse(page, server, 40, words);
  const response = await page.goto(said.path);
  const html = await response!.text();
  // The style sheet comes once.
  expect(html.replace(/<style[^]*?<\/style>/, '').length).toBeLessThan(60 * 1024);
  expect(html).toContain('Turn 39.');
  expect(html).not.toContain('Turn 30.');
  await expect(new Thread(page).turn(said.ids.at(-1)!)).toBeInViewport();
  expect(member.name).toBeTruthy();
});

test('older turns come as they are wanted, and what is read stays in its place @desktop', async ({ page, chat, server, member }) => {
  const said = await converse(page, server, 40, words);
  const thread = new Thread(page);
  await page.goto(said.path);
  await hydrated(page);
  await thread.expectAtEnd();
  const jumps = await page.evaluate(async () => {
    const frame = document.querySelector('.thread-frame')!;
    const found: number[] = [];
    // Behind the frame's own callbacks: what is painted. Before them earlier turns may be there and the view not yet moved.
    const painted = () =>
      new Promise<void>((resolve) => {
        const look = new ResizeObserver(() => {
          look.disconnect();
          resolve();
        });
        look.observe(frame);
      });
    frame.dispatchEvent(new WheelEvent('wheel', { bubbles: true, deltaY: -1 }));
    for (let step = 0; step < 400 && !document.querySelector('.turns')!.textContent!.includes('Turn 0.'); step++) {
      frame.scrollBy(0, -60);
      await painted();
      // Something in sight, which may not move on its own from one frame to the next.
      const edge = frame.getBoundingClientRect();
      const mark = document.elementFromPoint(edge.left + edge.width / 2, edge.top + edge.height / 2)?.closest('.turn');
      if (!mark) continue;
      const before = mark.getBoundingClientRect().top;
      for (let wait = 0; wait < 4; wait++) await new Promise(requestAnimationFrame);
      await painted();
      if (mark.isConnected) found.push(Math.abs(mark.getBoundingClientRect().top - before));
    }
    return found;
  });
  await expect(thread.turn(said.ids[0]!)).toBeAttached();
  expect(Math.max(...jumps)).toBeLessThan(4);
  // The end has left the page meanwhile, and the way back brings it.
  expect(await chat.turns.count()).toBeLessThanOrEqual(50);
  await expect(thread.turn(said.ids.at(-1)!)).not.toBeAttached();
  await expect(thread.latest).toBeVisible();
  await thread.latest.click();
  await expect(thread.turn(said.ids.at(-1)!)).toBeInViewport();
  await thread.expectAtEnd();
  await thread.expectPinned(true);
  expect(member.name).toBeTruthy();
});

test('reading on goes forward through everything, to the end @desktop', async ({ page, server, member }) => {
  const said = await converse(page, server, 45, words);
  const thread = new Thread(page);
  await page.goto(`${said.path}?m=${said.ids[2]}`);
  await hydrated(page);
  await expect(thread.turn(said.ids[2]!)).toBeInViewport();
  const seen = await page.evaluate(async () => {
    const frame = document.querySelector('.thread-frame')!;
    const seen = new Set<string>();
    for (let step = 0; step < 600; step++) {
      for (const turn of document.querySelectorAll('.turn[id]')) seen.add(turn.id.slice(2));
      const left = frame.scrollHeight - frame.scrollTop - frame.clientHeight;
      if (left < 2 && frame.getAttribute('data-pinned') === 'true') break;
      frame.scrollBy(0, 200);
      await new Promise(requestAnimationFrame);
    }
    return [...seen];
  });
  expect(new Set(seen)).toEqual(new Set(said.ids));
  await thread.expectPinned(true);
  expect(member.name).toBeTruthy();
});

test('a thousand messages leave the page as small as ten @desktop', async ({ page, chat, server, member }) => {
  test.setTimeout(120_000);
  const said = await converse(page, server, 500);
  const thread = new Thread(page);
  await page.goto(said.path);
  await hydrated(page);
  const elements = () => page.evaluate(() => document.querySelectorAll('*').length);
  await thread.frame.focus();
  let most = 0;
  for (let step = 0; step < 25; step++) {
    await page.keyboard.press('PageUp');
    await page.waitForTimeout(60);
    most = Math.max(most, await elements());
  }
  await page.keyboard.press('Home');
  await page.waitForTimeout(400);
  expect(Math.max(most, await elements())).toBeLessThanOrEqual(2_500);
  await chat.say('Still quick?');
  await expect(chat.questions.last()).toBeInViewport();
  await chat.expectStatus('completed');
  await thread.expectPinned(true);
  expect(member.name).toBeTruthy();
});

test.describe('an address that names a message', () => {
  test('leads to it, marked, with the conversation alive around it', async ({ page, chat, server, member }) => {
    const said = await converse(page, server, 40, words);
    const thread = new Thread(page);
    const wanted = said.ids[20]!;
    await page.goto(`${said.path}?m=${wanted}`);
    await expect(thread.turn(wanted)).toBeInViewport();
    await hydrated(page);
    await expect(thread.turn(wanted)).toBeInViewport();
    await expect(thread.turn(wanted)).toHaveAttribute('data-marked', '');
    await expect(thread.turn(said.ids.at(-1)!)).not.toBeAttached();
    // Another device writes; this page holds what it reads and finds it at the end.
    const place = await thread.below(thread.turn(wanted));
    const api = `${server.url}/api/v1/conversations/${said.path.split('/')[2]}/messages`;
    await page.request.post(api, {
      headers: { Origin: server.url, Accept: 'text/event-stream' },
      data: { content: 'From elsewhere', client_message_id: 'elsewhere' },
    });
    await page.waitForTimeout(300);
    expect(Math.abs((await thread.below(thread.turn(wanted))) - place)).toBeLessThan(3);
    await thread.latest.click();
    await expect(chat.replies.last()).toContainText('From elsewhere');
    await thread.expectAtEnd();
    expect(member.name).toBeTruthy();
  });

  test('by its anchor works too, also where the message is far away', async ({ page, server, member }) => {
    const said = await converse(page, server, 40, words);
    const thread = new Thread(page);
    await page.goto(`${said.path}#m-${said.ids[5]}`);
    await hydrated(page);
    await expect(thread.turn(said.ids[5]!)).toBeInViewport();
    expect(member.name).toBeTruthy();
  });
});

test('another version of an early message stays in sight @desktop', async ({ page, chat, server, member }) => {
  const said = await converse(page, server, 30, words);
  const thread = new Thread(page);
  await page.goto(`${said.path}?m=${said.ids[4]}`);
  await hydrated(page);
  await expect(thread.turn(said.ids[4]!)).toBeInViewport();
  const turn = thread.turn(said.ids[4]!);
  await turn.hover();
  await turn.getByRole('button', { name: 'Edit', exact: true }).click();
  const box = page.getByRole('textbox', { name: 'Another wording' });
  await box.fill('Quite another thing');
  await page.getByRole('button', { name: 'Save & send' }).click();
  await expect(chat.replies.last()).toContainText('Quite another thing');
  await chat.expectStatus('completed');
  await expect(chat.questions.last()).toContainText('Quite another thing');
  await expect(chat.turns.filter({ hasText: 'Turn 1.' }).first()).toBeAttached();
  // And back to the long path.
  const question = chat.questions.last();
  await question.hover();
  await question.getByRole('button', { name: 'Previous version' }).click();
  await expect(thread.turn(said.ids[4]!)).toBeInViewport();
  await expect(thread.turn(said.ids[4]!).locator('.versions-place')).toHaveText('1/2');
  await expect(thread.turn(said.ids[5]!)).toBeAttached();
  expect(member.name).toBeTruthy();
});

test('a message of 200 kB leaves typing quick @desktop', async ({ page, chat, server, member }) => {
  test.setTimeout(90_000);
  const said = await converse(page, server, 1, () => 'Long words and short ones. '.repeat(7_500));
  await page.goto(said.path);
  await hydrated(page);
  await chat.composer.focus();
  const slowest = await page.evaluate(async () => {
    const took: number[] = [];
    const box = document.querySelector<HTMLTextAreaElement>('#composer-text')!;
    for (let key = 0; key < 30; key++) {
      const began = performance.now();
      box.setRangeText('a', box.value.length, box.value.length, 'end');
      box.dispatchEvent(new InputEvent('input', { bubbles: true }));
      // Layout is what a large page would make slow.
      box.getBoundingClientRect();
      took.push(performance.now() - began);
      await new Promise(requestAnimationFrame);
    }
    return took.sort((a, b) => a - b)[15]!;
  });
  expect(slowest).toBeLessThan(16);
  expect(member.name).toBeTruthy();
});
