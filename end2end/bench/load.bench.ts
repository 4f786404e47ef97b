// What a visit costs: bytes, requests and moments of a first and a second load, of a new page and of conversations of
// 10, 1 000 and 10 000 messages; what stays in memory; how fast a key shows.
import { test, type Browser, type Page } from '@playwright/test';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { median, print, row, slow, Stage, type Row } from './stage.ts';

const LENGTHS = (process.env.PARLANCE_BENCH_LENGTHS ?? "0,10,1000,10000").split(",").map(Number);
const RUNS = 5;
const KEYS = 40;

type Visit = {
  bytes: number;
  requests: number;
  fcp: number;
  lcp: number;
  alive: number;
  wired: number;
  shift: number;
  shown: number;
};

/** Runs in the page before anything of it: notes the moments that are measured, ms since the navigation. */
function witness(): void {
  const seen = { lcp: 0, shift: 0, alive: 0, wired: 0, shown: 0 };
  Object.assign(globalThis, { seen });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.lcp = Math.max(seen.lcp, entry.startTime);
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
      if (!entry.hadRecentInput) seen.shift += entry.value;
    }
  }).observe({ type: 'layout-shift', buffered: true });
  const marks = new MutationObserver(() => {
    for (const [mark, key] of [['alive', 'alive'], ['hydrated', 'wired']] as const) {
      if (seen[key] || !document.documentElement.hasAttribute(`data-${mark}`)) continue;
      seen[key] = performance.now();
      console.debug(mark);
    }
  });
  const root = new MutationObserver(() => {
    if (!document.documentElement) return;
    root.disconnect();
    marks.observe(document.documentElement, { attributes: true });
  });
  root.observe(document, { childList: true });
  // No look at a box from here: it would have the page laid out before its time.
  document.addEventListener('DOMContentLoaded', () => {
    const last = [...document.querySelectorAll('article[data-role]')].at(-1);
    const sight = new IntersectionObserver((entries) => {
      if (!seen.shown && entries.some((entry) => entry.isIntersecting)) seen.shown = performance.now();
    });
    if (last) sight.observe(last);
  });
}

async function load(page: Page, address: string, throttled: boolean): Promise<Visit> {
  await page.addInitScript(witness);
  const session = throttled ? await slow(page) : await page.context().newCDPSession(page);
  await session.send('Network.enable');
  let [bytes, requests, counting] = [0, 0, true];
  session.on('Network.requestWillBeSent', () => void (counting && requests++));
  // Heads included; what came from a cache counts nothing.
  session.on('Network.loadingFinished', ({ encodedDataLength }) => void (counting && (bytes += encodedDataLength)));
  // Heard, not asked for: a locator that waits puts its script into the page, a third of a second at this speed, before
  // anything is painted.
  const said = (mark: string) => page.waitForEvent('console', { predicate: (message) => message.text() === mark, timeout: 60_000 });
  const [alive, hydrated] = [said('alive'), said('hydrated')];
  await page.goto(address, { waitUntil: 'commit' });
  await alive;
  counting = false;
  await hydrated;
  await page.waitForTimeout(500);
  const seen = await page.evaluate(() => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    const { seen } = globalThis as unknown as { seen: { lcp: number; shift: number; alive: number; wired: number; shown: number } };
    return { ...seen, fcp: paint?.startTime ?? NaN };
  });
  return { ...seen, bytes, requests };
}

/** The first paint of a page of one word, as slowed down: what a machine takes at least, that day. */
async function leastPaint(browser: Browser, address: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await slow(page);
  await page.goto(address);
  await page.waitForTimeout(500);
  const took = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN);
  await context.close();
  return took;
}

type Visits = Visit & { least: number };

/** Several first visits, each in a browser that knows nothing. */
async function visits(browser: Browser, stage: Stage, address: string, throttled: boolean): Promise<Visits> {
  const all: Visits[] = [];
  const word = createServer((_, answer) => void answer.setHeader('Content-Type', 'text/html').end('<!doctype html><p>Word'));
  word.listen(0, '127.0.0.1');
  await once(word, 'listening');
  for (let run = 0; run < RUNS; run++) {
    const context = await stage.visitor(browser);
    const visit = await load(await context.newPage(), address, throttled);
    await context.close();
    // In turn with the visits: machines are slow by the minute.
    const least = throttled ? await leastPaint(browser, `http://127.0.0.1:${(word.address() as AddressInfo).port}/`) : NaN;
    all.push({ ...visit, least });
  }
  word.close();
  const of = (key: keyof Visits) => median(all.map((visit) => visit[key]));
  return {
    bytes: of('bytes'),
    requests: of('requests'),
    fcp: of('fcp'),
    lcp: of('lcp'),
    alive: of('alive'),
    wired: of('wired'),
    shift: of('shift'),
    shown: of('shown'),
    least: of('least'),
  };
}

/** Milliseconds from a key press to the frame after it. */
async function keyToPaint(page: Page): Promise<number> {
  const box = page.locator('textarea[name=text]').first();
  await box.focus();
  await page.evaluate(() => {
    const took: number[] = [];
    Object.assign(globalThis, { took });
    addEventListener(
      'keydown',
      (event) => {
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => took.push(performance.now() - event.timeStamp);
          port2.postMessage(0);
        });
      },
      { capture: true },
    );
  });
  for (let key = 0; key < KEYS; key++) {
    await page.keyboard.press('abcdefgh'[key % 8]!);
    await page.waitForTimeout(37);
  }
  return median(await page.evaluate(() => (globalThis as unknown as { took: number[] }).took));
}

async function held(page: Page): Promise<{ elements: number; heap: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  // The types that Playwright brings do not know the newer fields.
  const heap = (await session.send('Runtime.getHeapUsage')) as { usedSize: number; backingStorageSize?: number };
  const elements = await page.evaluate(() => document.querySelectorAll('*').length);
  return { elements, heap: heap.usedSize + (heap.backingStorageSize ?? 0) };
}

test('loads', async ({ browser }) => {
  const stage = await Stage.set();
  for (const length of LENGTHS) {
    const address = stage.server.url + (length ? await stage.conversation(length) : '/chat');
    const throttled = await visits(browser, stage, address, true);
    const quick = await visits(browser, stage, address, false);
    const context = await stage.visitor(browser);
    const page = await context.newPage();
    await load(page, address, false);
    const rest = await held(page);
    const key = await keyToPaint(page);
    const again = await load(await context.newPage(), address, false);
    await context.close();
    const rows: Row[] = [
      row('first visit until hydrated', throttled.bytes / 1024, 320, 'KiB', 1),
      row('its requests', throttled.requests, 12, ''),
      row('second visit', again.bytes / 1024, 20, 'KiB', 1),
      row('throttled: first paint of text (FCP)', throttled.fcp, 1000, 'ms'),
      row('throttled: largest paint (LCP)', throttled.lcp, 1000, 'ms'),
      row('throttled: first paint of a page of one word', throttled.least, Infinity, 'ms'),
      // `goals.md`: 1 s where the limit is 0.65.
      row('the largest paint is later by', throttled.lcp - throttled.least, 350, 'ms'),
      row('throttled: hydrated', throttled.alive, 3500, 'ms'),
      row('throttled: the tools are there too', throttled.wired, Infinity, 'ms'),
      row('layout shift', throttled.shift, 0, '', 4),
      row('hydrated, unthrottled', quick.alive, 3500, 'ms'),
      row('DOM elements', rest.elements, 2500, ''),
      row('heap with the WASM memory', rest.heap / 2 ** 20, 25, 'MiB', 1),
      row('key press to paint, p50', key, 16, 'ms', 1),
    ];
    if (length) rows.push(row('last message shown, unthrottled', quick.shown, 500, 'ms'));
    print(length ? `A conversation of ${length} messages` : 'A new conversation', rows);
  }
  await stage.strike();
});
