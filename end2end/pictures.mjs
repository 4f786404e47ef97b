// Makes the pictures of the installed app, in public/: the icons from the seal, and the screenshots of the install
// dialog from a running server with fresh data and the demo model (`node pictures.mjs http://127.0.0.1:3000`; with no
// address, the icons alone).
// What it makes is committed, so that nobody needs a browser to build.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { chromium } from '@playwright/test';

const site = new URL('../public/', import.meta.url);
const seal = readFileSync(new URL('icon.svg', site), 'utf8');
const [stone, cut] = ['fill="#', 'stroke="#'].map((name) => seal.split(name)[1].slice(0, 6)).map((hex) => `#${hex}`);
const strokes = /<path[^>]*\bd="([^"]+)"/.exec(seal)[1];

/** The strokes alone, in the middle of a square of 64. */
const glyph = (colour, scale) =>
  `<g transform="translate(32 32) scale(${scale}) translate(-32 -33)"><path d="${strokes}" fill="none" stroke="${colour}" ` +
  `stroke-width="4.4" stroke-linecap="round" stroke-linejoin="round"/></g>`;
const square = (inside) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">${inside}</svg>`;
// Systems cut their own shape out of these: the stone fills the square, the strokes stay in the middle.
const full = (scale) => square(`<rect width="64" height="64" fill="${stone}"/>${glyph(cut, scale)}`);
const mono = square(glyph('#000', 1.25));

const system = '/usr/bin/chromium';
const browser = await chromium.launch({
  executablePath: process.env.PLAYWRIGHT_CHROMIUM ?? (existsSync(system) ? system : undefined),
  args: ['--no-sandbox'],
});

async function icon(name, svg, size) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
  await page.screenshot({ path: new URL(`icons/${name}.png`, site).pathname, omitBackground: true });
  await page.close();
}

for (const size of [192, 512]) {
  await icon(`icon-${size}`, seal, size);
  await icon(`maskable-${size}`, full(0.82), size);
}
await icon('apple-touch', full(1), 180);
await icon('monochrome-96', mono, 96);
writeFileSync(new URL('icons/monochrome.svg', site), `${mono}\n`);

/** A screenshot as WebP, which is a fifth of a PNG: the browser itself encodes it. */
async function webp(page, png) {
  const data = await page.evaluate(async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.85);
  }, `data:image/png;base64,${png.toString('base64')}`);
  return Buffer.from(data.split(',')[1], 'base64');
}

const words = {
  en: { name: 'Anna', ask: 'Please compare the three ways in a table.', more: ['Ideas for a rainy Sunday', 'Rust lifetimes, step by step'] },
  'zh-CN': { name: '安娜', ask: '请用表格对比这三种方式。', more: ['雨天周末的点子', '一步一步讲清 Rust 生命周期'] },
};

async function screenshots(base) {
  for (const [locale, { name, ask, more }] of Object.entries(words)) {
    const context = await browser.newContext({ locale, viewport: { width: 1280, height: 800 } });
    await context.addCookies([
      { name: 'locale', value: locale, url: base },
      { name: 'theme', value: 'light', url: base },
    ]);
    const post = (path, data) => context.request.post(base + path, { headers: { Origin: base }, data });
    await post('/api/auth/register', { username: name, email: `${locale}@example.com`, password: 'correct-horse-1' });
    for (const title of more) await post('/api/conversations', { title });
    const page = await context.newPage();
    await page.goto(`${base}/chat`);
    await page.locator('html[data-hydrated]').waitFor();
    await page.locator('textarea[name=text]').fill(ask);
    await page.locator('textarea[name=text]').press('Enter');
    await page.locator('article[data-role=assistant][data-status=completed]').waitFor({ timeout: 60_000 });
    const address = page.url();
    const blank = await context.newPage();
    const shoot = async (shot, file) => {
      await shot.goto(address);
      await shot.locator('html[data-hydrated]').waitFor();
      await shot.waitForTimeout(800);
      writeFileSync(new URL(`screenshots/${file}.${locale}.webp`, site), await webp(blank, await shot.screenshot()));
    };
    await shoot(page, 'wide');
    const phone = await browser.newContext({
      locale,
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
      storageState: await context.storageState(),
    });
    await shoot(await phone.newPage(), 'narrow');
    await phone.close();
    await context.close();
  }
}

if (process.argv[2]) await screenshots(process.argv[2].replace(/\/$/, ''));
await browser.close();
