// The parts by themselves, on the page of development builds: keys, focus, time.
import { expect, hydrated, test } from '../../fixtures.ts';

test.use({ model: 'demo' });

// The site as it is shipped has no such page: `cargo xtask build quick`, then PARLANCE_E2E_KIT=1.
test.skip(process.env.PARLANCE_E2E_KIT !== '1', 'development builds of the site only');

test.beforeEach(async ({ page }) => {
  await page.goto('/kit');
  await hydrated(page);
});

test('a menu is worked with the keyboard alone', async ({ page }) => {
  const light = page.getByRole('region', { name: 'light' });
  const button = light.getByRole('button', { name: 'Actions' });
  const menu = page.locator('#light-menu');
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(menu).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(menu.getByRole('button', { name: 'Rename' })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(menu.getByRole('button', { name: 'Delete' })).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('s');
  await expect(menu.getByRole('link', { name: 'Settings' })).toBeFocused();
  await page.keyboard.press('End');
  await expect(menu.getByRole('button', { name: 'Delete' })).toBeFocused();
  // A choice closes it and gives the focus back; so does Esc.
  await page.keyboard.press('Enter');
  await expect(menu).toBeHidden();
  await expect(button).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(menu).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await expect(button).toBeFocused();
});

test('keys of an input method do nothing in a menu', async ({ page }) => {
  const menu = page.locator('#light-menu');
  await page.getByRole('region', { name: 'light' }).getByRole('button', { name: 'Actions' }).click();
  await page.keyboard.press('ArrowDown');
  await menu.evaluate((element) => {
    const init = { key: 'ArrowDown', keyCode: 229, bubbles: true };
    element.querySelector('.menu-item')!.dispatchEvent(new KeyboardEvent('keydown', init));
  });
  await expect(menu.getByRole('button', { name: 'Rename' })).toBeFocused();
});

test('a dialog keeps the focus, closes by Esc, button and a click beside it, and gives the focus back', async ({ page }) => {
  const open = page.getByRole('region', { name: 'light' }).getByRole('button', { name: 'Open' });
  const dialog = page.getByRole('dialog', { name: 'Delete everything?' });
  await open.click();
  await expect(dialog.getByRole('button', { name: 'Keep them' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(open).toBeFocused();
  await open.click();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toBeHidden();
  await open.click();
  await expect(dialog).toBeVisible();
  await page.mouse.click(4, 4);
  await expect(dialog).toBeHidden();
});

test('three toasts at most, the newest closed by Esc, and a way back', async ({ page }) => {
  const toasts = page.locator('.toast');
  for (let i = 0; i < 4; i++) await page.getByRole('button', { name: 'Say' }).click();
  await expect(toasts).toHaveCount(3);
  await page.keyboard.press('Escape');
  await expect(toasts).toHaveCount(2);
  await page.getByRole('button', { name: 'Offer' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('Undone: 1')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
});

test('a toast stays while it is looked at @desktop', async ({ page }) => {
  test.slow();
  await page.getByRole('button', { name: 'Say' }).click();
  await page.getByRole('button', { name: 'Say' }).click();
  const toasts = page.locator('.toast');
  await toasts.last().hover();
  await page.waitForTimeout(7_500);
  await expect(toasts).toHaveCount(2);
  await page.mouse.move(200, 200);
  await expect(toasts).toHaveCount(0, { timeout: 9_000 });
});

test('a tooltip for the pointer and the keyboard @desktop', async ({ page }) => {
  const button = page.getByRole('region', { name: 'light' }).getByRole('button', { name: 'Edit' }).first();
  const tip = () => button.evaluate((element) => getComputedStyle(element, '::after').content);
  expect(await tip()).toBe('none');
  await button.hover();
  expect(await tip()).toContain('Edit');
  await page.mouse.move(2, 2);
  await button.focus();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  expect(await tip()).toContain('Edit');
});

test('text and surface differ enough in both themes and all accents', async ({ page }) => {
  const poor = await page.evaluate(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
    const light = (colour: string) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      }) as [number, number, number];
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (one: string, other: string) => {
      const [high, low] = [light(one), light(other)].sort((a, b) => b - a) as [number, number];
      return (high + 0.05) / (low + 0.05);
    };
    const pairs: [string, string][] = [];
    for (const text of ['--text', '--text-2', '--text-3', '--accent', '--seal', '--ok', '--warn']) {
      for (const surface of ['--bg', '--bg-side', '--bg-raised']) pairs.push([text, surface]);
    }
    pairs.push(['--on-accent', '--accent'], ['--text', '--accent-soft'], ['--text', '--bg-user'], ['--bg', '--text']);
    pairs.push(['--seal', '--seal-soft'], ['--text', '--bg-sunken']);
    const found: string[] = [];
    const probe = document.createElement('span');
    for (const theme of ['light', 'dark']) {
      for (const accent of ['indigo', 'pine', 'plum', 'ochre']) {
        const frame = document.createElement('div');
        frame.dataset['theme'] = theme;
        frame.dataset['accent'] = accent;
        frame.append(probe);
        document.body.append(frame);
        const colour = (name: string) => {
          probe.style.color = `var(${name})`;
          return getComputedStyle(probe).color;
        };
        for (const [text, surface] of pairs) {
          const value = ratio(colour(text), colour(surface));
          if (value < 4.5) found.push(`${theme} ${accent}: ${text} on ${surface} ${value.toFixed(2)}`);
        }
        frame.remove();
      }
    }
    return found;
  });
  expect(poor).toEqual([]);
});

test('nothing sticks out sideways', async ({ page }) => {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});
