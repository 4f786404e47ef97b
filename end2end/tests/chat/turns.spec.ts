import type { Page } from '@playwright/test';
import { expect, hydrated, test, type Server } from '../../fixtures.ts';

type Stored = { role: string; content: string };

/** The messages of the conversation that the page shows, as the API has them. */
async function stored(page: Page, server: Server): Promise<Stored[]> {
  const id = new URL(page.url()).pathname.split('/').at(-1);
  const answer = await page.request.get(`${server.url}/api/conversations/${id}`);
  return ((await answer.json()) as { messages: Stored[] }).messages;
}

/** What a paste would bring, by flavour. */
async function pasted(page: Page): Promise<{ text: string; html: string }> {
  await page.evaluate(() => {
    document.addEventListener(
      'paste',
      (event) => {
        const data = event.clipboardData!;
        Object.assign(window, { pasted: { text: data.getData('text/plain'), html: data.getData('text/html') } });
        event.preventDefault();
        event.stopImmediatePropagation();
      },
      { once: true, capture: true },
    );
  });
  await page.getByRole('textbox', { name: 'Message' }).focus();
  await page.keyboard.press('ControlOrMeta+v');
  await page.waitForFunction(() => 'pasted' in window);
  return page.evaluate(() => (window as unknown as { pasted: { text: string; html: string } }).pasted);
}

test.describe('copying a reply', () => {
  test.use({ model: 'markdown', permissions: ['clipboard-read', 'clipboard-write'] });

  for (const secure of [true, false]) {
    test(`takes source and looks along, ${secure ? 'with' : 'without'} a secure context @desktop`, async ({
      page,
      chat,
      member,
      server,
    }) => {
      if (!secure) {
        // As on plain http in a local network.
        await page.addInitScript(() => {
          Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined });
          Reflect.deleteProperty(window, 'ClipboardItem');
        });
      }
      await chat.begin('show me everything');
      const source = (await stored(page, server)).at(-1)!.content;
      // The renderer is a download of its own.
      await expect(chat.replies.last().locator('table')).toBeVisible({ timeout: 20_000 });
      const button = chat.replies.last().getByRole('button', { name: 'Copy', exact: true }).last();
      await button.click();
      await expect(page.getByRole('status').filter({ hasText: 'Copied' })).toHaveCount(1);
      await expect(button).toHaveAttribute('data-copied', /./);
      const { text, html } = await pasted(page);
      expect(text).toEqual(source);
      expect(html).toContain('<table');
      expect(html).not.toContain('<button');
      expect(html).not.toContain('code-head');
      await expect(button).not.toHaveAttribute('data-copied', /./, { timeout: 4_000 });

      // After a reload the reply is the server's HTML, and the source is still the source.
      await page.reload();
      await hydrated(page);
      await button.click();
      expect((await pasted(page)).text).toEqual(source);
      expect(member.name).toBeTruthy();
    });
  }

  test('or one block of code in it takes just the code @desktop', async ({ page, chat, member }) => {
    await chat.begin('show me everything');
    const block = chat.replies.last().locator('.code').first();
    await expect(block).toBeVisible({ timeout: 20_000 });
    await block.getByRole('button', { name: 'Copy' }).click();
    const code = await block.locator('pre code').evaluate((element) => element.textContent);
    expect((await pasted(page)).text).toEqual(code);
    expect(member.name).toBeTruthy();
  });
});

test.describe('a turn', () => {
  test.use({ model: 'words-12@100' });

  test('says who speaks and when, and keeps its tools within reach of the keyboard', async ({ page, chat, member }) => {
    await chat.begin('one');
    await chat.say('two');
    await expect(chat.turns).toHaveCount(4);
    await chat.expectStatus('completed');
    await page.reload();
    await hydrated(page);
    await expect(chat.questions.first().getByRole('heading', { name: member.name })).toBeVisible();
    await expect(chat.replies.first().getByRole('heading', { name: 'Assistant' })).toBeVisible();
    const time = chat.replies.first().locator('time');
    await expect(time).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\dT.*Z$/);
    // With its day, if midnight came between.
    await expect(time).toHaveText(/^(?:[A-Z][a-z]{2} \d{1,2}, )?\d{1,2}:\d\d [AP]M$/);
    // Quiet, but in the tree and in the order of the keyboard.
    const copy = chat.replies.first().getByRole('button', { name: 'Copy' });
    await copy.focus();
    await expect(copy).toBeFocused();
    await expect(chat.replies.first().locator('.acts')).toHaveCSS('opacity', '1');
  });

  test('that came by the stream has the same head as after a reload @desktop', async ({ page, chat, member }) => {
    await chat.begin('go');
    const heads = async () => {
      const all = await page.locator('.turn-head').allInnerTexts();
      // Browsers put a narrow space before AM and PM.
      return all.map((head) => head.replace(/\s+/g, ' '));
    };
    const before = await heads();
    expect(before[1]).toContain('words-12@100');
    await page.reload();
    await hydrated(page);
    expect(await heads()).toEqual(before);
    expect(member.name).toBeTruthy();
  });

  test('tells its particulars when asked', async ({ page, chat, member }) => {
    await chat.begin('go');
    await chat.act('Details').click();
    const facts = chat.replies.last().locator('.facts');
    await expect(facts).toContainText('words-12@100');
    await expect(facts).toContainText('Complete');
    await expect(facts).toContainText(/\d+ in, \d+ out/);
    await expect(facts).toContainText(/First words after\s*\d/);
    await expect(facts).toContainText(/Finished after\s*\d/);
    await expect(facts).toContainText('just now');
    expect(page.url()).not.toContain('details');
    await chat.act('Details').click();
    await expect(facts).toHaveCount(0);
    expect(member.name).toBeTruthy();
  });

  test('is edited without losing the keyboard @desktop', async ({ page, chat, member }) => {
    await chat.begin('你好');
    const edit = chat.act('Edit');
    const box = page.getByRole('textbox', { name: 'Another wording' });
    await edit.click();
    await expect(box).toBeFocused();
    await box.press('Escape');
    await expect(box).toHaveCount(0);
    await expect(edit).toBeFocused();

    await edit.press('Enter');
    await expect(box).toBeFocused();
    // An Enter that confirms a word, in the order of Chromium and in that of Safari.
    await box.evaluate((element: HTMLTextAreaElement) => {
      const key = (init: KeyboardEventInit) =>
        element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }));
      key({ isComposing: true, keyCode: 229 } as KeyboardEventInit);
      key({ isComposing: false, keyCode: 229 } as KeyboardEventInit);
    });
    await page.waitForTimeout(200);
    await expect(box).toBeVisible();
    await box.fill('你好，世界');
    await box.press('ControlOrMeta+Enter');
    await expect(chat.questions.last()).toContainText('你好，世界');
    await expect(chat.place).toHaveText('2/2');
    await chat.expectStatus('completed');
    expect(member.name).toBeTruthy();
  });
});

test.describe('a model that thinks first', () => {
  test.use({ model: 'think-20+words-20@10' });

  test('is watched while it thinks and folded away afterwards', async ({ page, chat, member }) => {
    await chat.begin('go');
    // From here on the page is there before the model begins to think, and can tell how long that took.
    const thoughts = chat.replies.last().locator('.reasoning');
    let told = '';
    // On a busy machine the first thoughts may come together with the news that there is a reply.
    for (let turn = 2; turn < 6 && told === ''; turn++) {
      await chat.say('once more');
      await expect(chat.replies).toHaveCount(turn);
      await expect(thoughts).toHaveAttribute('open', '');
      await expect(thoughts).toContainText('r5');
      await chat.expectStatus('completed');
      await expect(thoughts).not.toHaveAttribute('open', '');
      told = /^Thought for \d+ s$/.exec(await thoughts.locator('summary').innerText())?.[0] ?? '';
    }
    expect(told).not.toBe('');
    await thoughts.locator('summary').click();
    await expect(thoughts).toContainText('r20');
    await page.reload();
    await expect(thoughts.locator('summary')).toHaveText('Thoughts');
    await expect(thoughts).not.toHaveAttribute('open', '');
    expect(member.name).toBeTruthy();
  });

});

test.describe('a model that thinks for long', () => {
  test.use({ model: 'think-40+words-10@10' });

  test('stays folded for who folded it', async ({ chat, member }) => {
    await chat.openNew();
    await chat.say('go');
    const thoughts = chat.replies.last().locator('.reasoning');
    await expect(thoughts).toHaveAttribute('open', '');
    await thoughts.locator('summary').click();
    await expect(thoughts).not.toHaveAttribute('open', '');
    await chat.expectStatus('completed');
    await chat.say('again');
    await expect(chat.replies).toHaveCount(2);
    await expect(thoughts.locator('summary')).toHaveText('Thinking…');
    await expect(thoughts).not.toHaveAttribute('open', '');
    await chat.expectStatus('completed');
    await expect(thoughts).not.toHaveAttribute('open', '');
    expect(member.name).toBeTruthy();
  });
});

test.describe('a provider with too much to do', () => {
  test.use({ model: 'fault-429@90' });

  test('is named, with the wait that it asks for and a way to try again', async ({ page, chat, member }) => {
    await chat.openNew();
    await chat.say('go');
    const line = page.locator('.state-line');
    await expect(line).toContainText('There is no reply.');
    await expect(line).toContainText(/again in [1-9]\d s/);
    const before = await line.innerText();
    await expect.poll(async () => line.innerText()).not.toEqual(before);
    await expect(chat.retry()).toBeEnabled();
    await line.getByText('Details').click();
    await expect(line.locator('code')).toHaveText(/[0-9a-f-]{8,}/);
    expect(member.name).toBeTruthy();
  });
});

test.describe('hostile words', () => {
  test.use({ model: 'words-3' });

  const zalgo = `z${'\u0335\u0322\u0321\u035c\u0489'.repeat(60)}`;
  const towers = `${zalgo} ${zalgo}`;
  const messages = {
    'a line without an end': 'x'.repeat(200_000),
    'twenty thousand lines': Array.from({ length: 20_000 }, (_, number) => `line ${number}`).join('\n'),
    'a script from right to left': `שלום עולם ${'א'.repeat(500)}`,
    'towers of marks': towers,
    'markup and controls': '<img src=x onerror=alert(1)> \u202e \u2066 &amp; </div></article>',
  };
  for (const [name, content] of Object.entries(messages)) {
    test(`${name} stay within their bubble`, async ({ page, chat, member, server }) => {
      const headers = { Origin: server.url };
      const made = await page.request.post(`${server.url}/api/conversations`, { headers, data: {} });
      const { id } = (await made.json()) as { id: string };
      const url = `${server.url}/api/conversations/${id}/messages`;
      const sent = await page.request.post(url, { headers, data: { content, client_message_id: 'one' } });
      expect(sent.status()).toBe(202);
      await page.goto(`/chat/${id}`);
      await hydrated(page);
      // Whether there is a reply is not the point: twenty thousand lines are too much for the model.
      await expect(page.locator('[data-status=streaming]')).toHaveCount(0);
      // A letter that no line holds ends at the edge of its bubble.
      const boxes = content === towers ? '.thread-frame, .turn' : '.thread-frame, .turn, .bubble';
      const wide = () =>
        page.evaluate(
          (boxes) =>
            [document.documentElement, ...document.querySelectorAll(boxes)]
              .filter((element) => element.scrollWidth > element.clientWidth + 1)
              .map((element) => element.className || element.tagName),
          boxes,
        );
      expect(await wide()).toEqual([]);
      const all = chat.questions.first().getByText(/^Show all/);
      if (content.length > 10_000) {
        await all.click();
        const box = (await chat.questions.first().boundingBox())!;
        expect(box.height).toBeGreaterThan(3_000);
        expect(await wide()).toEqual([]);
        await chat.questions.first().getByText('Show less').click();
        expect((await chat.questions.first().boundingBox())!.height).toBeLessThan(3_000);
      } else {
        await expect(all).toHaveCount(0);
        expect((await chat.questions.first().locator('.bubble').innerText()).length).toBeGreaterThan(20);
      }
      // The page still answers.
      await chat.say('still there?');
      await expect(chat.questions).toHaveCount(2);
      expect(member.name).toBeTruthy();
    });
  }
});
