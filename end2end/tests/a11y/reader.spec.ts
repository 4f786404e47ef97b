// What a screen reader is told: of the page as a tree, and of a reply as few sentences instead of every word.
import { expect, test } from '../../fixtures.ts';

test.use({ model: 'words-150@30' });

test('a reply that is being written is a named part of a quiet log', async ({ page, chat, member }) => {
  expect(member.name).toBeTruthy();
  await chat.openNew();
  await chat.say('Tell me about ink');
  const log = page.getByRole('log');
  await expect(log).toHaveAttribute('aria-live', 'off');
  await expect(log.getByRole('article').last()).toHaveAttribute('aria-busy', 'true');
  await expect(log).toMatchAriaSnapshot(`
    - log "Conversation":
      - article:
        - heading [level=2]
      - article:
        - heading [level=2]
        - paragraph
  `);
  await chat.expectStatus('completed');
  await expect(log.getByRole('article').last()).not.toHaveAttribute('aria-busy', 'true');
});

test('only the boundaries are spoken', async ({ page, chat, member }) => {
  expect(member.name).toBeTruthy();
  await chat.openNew();
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    const regions = '[aria-live=polite], [aria-live=assertive], [role=status], [role=alert]';
    new MutationObserver((records) => {
      for (const { target } of records) {
        const element = target instanceof Element ? target : target.parentElement;
        const text = element?.closest(regions)?.textContent?.trim();
        if (text && said.at(-1) !== text) said.push(text);
      }
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
  });
  await chat.say('Tell me about ink');
  await chat.expectStatus('completed');
  const heard = () => page.evaluate(() => (window as unknown as { said: string[] }).said);
  await expect.poll(async () => (await heard()).length).toBeGreaterThan(1);
  // Whatever else there may be to say.
  await page.waitForTimeout(1_000);
  const said = await heard();
  expect(said.length, said.join('\n')).toBeLessThan(8);
});

test('the keyboard reaches everything, and comes back @desktop', async ({ page, chat, member }) => {
  expect(member.name).toBeTruthy();
  await chat.begin('Tell me about ink');
  await expect(chat.composer).toBeFocused();
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  const names: string[] = [];
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return '';
      const box = element.getBoundingClientRect();
      const shown = box.bottom > 0 && box.top < innerHeight && box.width > 0;
      const label = element.getAttribute('aria-label') ?? element.textContent ?? '';
      return `${label.trim().slice(0, 40) || element.tagName}${shown ? '' : ' (unseen)'}`;
    });
    names.push(name);
  }
  expect(names.filter((name) => name.endsWith('(unseen)')), names.join('\n')).toEqual([]);
  for (const wanted of ['Message', 'Copy', 'Regenerate']) {
    expect(names.some((name) => name.startsWith(wanted)), `${wanted} among\n${names.join('\n')}`).toBe(true);
  }
});
