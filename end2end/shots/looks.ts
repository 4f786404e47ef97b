// The ways in which a page is looked at, and the sheet on which one state stands in all of them.
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Look = { theme: 'light' | 'dark'; locale: 'en' | 'zh-CN'; width: number; height: number };

const SIZES = [
  { width: 320, height: 640 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

export const LOOKS: Look[] = SIZES.flatMap((size) =>
  (['light', 'dark'] as const).flatMap((theme) => (['en', 'zh-CN'] as const).map((locale) => ({ theme, locale, ...size }))),
);

export const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '../../target/shots');

/** A browser that looks so. Narrow ones are touched. */
export async function lookAt(browser: Browser, look: Look, url: string): Promise<BrowserContext> {
  const { theme, locale, width, height } = look;
  const touch = width < 768;
  const context = await browser.newContext({
    viewport: { width, height },
    locale: locale === 'en' ? 'en-US' : locale,
    colorScheme: theme,
    hasTouch: touch,
    isMobile: touch,
    reducedMotion: 'reduce',
  });
  await context.addCookies([
    { name: 'theme', value: theme, url },
    { name: 'locale', value: locale, url },
  ]);
  return context;
}

/** Keeps a picture; gives its path. */
export async function keep(page: Page, state: string, look: Look): Promise<string> {
  mkdirSync(join(FOLDER, state), { recursive: true });
  const path = join(FOLDER, state, `${look.width}-${look.theme}-${look.locale}.png`);
  // Colours and layers fade in.
  await page.waitForTimeout(350);
  await page.screenshot({ path });
  return path;
}

/** All pictures of a state on one sheet: a row for each width. */
export async function sheet(browser: Browser, state: string, pictures: Map<Look, string>): Promise<void> {
  const cell = (look: Look, path: string) => {
    const data = readFileSync(path).toString('base64');
    const shown = { 320: 260, 768: 400, 1440: 640 }[look.width] ?? look.width;
    return `<img width=${shown} src="data:image/png;base64,${data}">`;
  };
  const rows = SIZES.map(({ width }) => {
    const cells = [...pictures].filter(([look]) => look.width === width).map(([look, path]) => cell(look, path));
    return `<div>${cells.join('')}</div>`;
  });
  const page = await browser.newPage({ viewport: { width: 2640, height: 1000 } });
  await page.setContent(
    `<style>body{margin:8px;background:#888}div{display:flex;gap:8px;margin-bottom:8px;align-items:start}</style>${rows.join('')}`,
  );
  await page.screenshot({ path: join(FOLDER, `${state}.png`), fullPage: true });
  await page.close();
}
