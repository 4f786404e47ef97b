// Four times as large (WCAG 1.4.10), spaced by the reader (1.4.12), in the system's own colours: nothing is cut off.
import { expect, hydrated, test } from '../../fixtures.ts';

test.use({ model: 'markdown' });

const PAGES = ['/chat', '/history', '/settings/general', '/settings/appearance', '/settings/chat', '/settings/shortcuts', '/profile', '/profile/devices', '/profile/keys', '/profile/data', '/roles', '/roles/new', '/contexts', '/contexts/new', '/models', '/models/new'];
/** The least that WCAG 1.4.12 asks a page to bear. */
const SPACING = `* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
  p { margin-block-end: 2em !important }`;

test('at four times the size, with wide spacing, no page is wider than the window', async ({ page, chat, member }) => {
  expect(member.name).toBeTruthy();
  // 1280 × 1024 at 400 %.
  await page.setViewportSize({ width: 320, height: 256 });
  const expectFit = async (what: string) => {
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(beyond, what).toBeLessThanOrEqual(0);
  };
  for (const path of PAGES) {
    await page.goto(path);
    await hydrated(page);
    await expectFit(path);
    await page.evaluate((css) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      document.adoptedStyleSheets.push(sheet);
    }, SPACING);
    await expectFit(`${path}, spaced`);
  }
  await chat.openNew();
  await chat.say('Show me everything');
  await expect(chat.replies.last()).toHaveAttribute('data-status', 'completed', { timeout: 20_000 });
  await expectFit('a conversation');
  await expect(chat.composer).toBeInViewport();
});

test('in forced colours every button can be seen', async ({ page, chat, member }) => {
  expect(member.name).toBeTruthy();
  await page.emulateMedia({ forcedColors: 'active' });
  await chat.openNew();
  await chat.say('Show me everything');
  await expect(chat.replies.last()).toHaveAttribute('data-status', 'completed', { timeout: 20_000 });
  await expect(chat.send).toBeVisible();
  const border = await chat.send.evaluate((button) => getComputedStyle(button).borderTopWidth);
  expect(border).not.toBe('0px');
});

test('who wants less motion gets none', async ({ page, chat, member }) => {
  expect(member.name).toBeTruthy();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await chat.openNew();
  await chat.say('Show me everything');
  await page.locator('[data-status=streaming]').waitFor();
  const moving = await page.evaluate(() =>
    document.getAnimations().filter((animation) => Number(animation.effect?.getComputedTiming().activeDuration) > 50).length,
  );
  expect(moving).toBe(0);
});
