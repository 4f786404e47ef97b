// What a slow database does to the first paint: the same page with 250 ms more on every round trip to PostgreSQL.
import { test } from '@playwright/test';
import { createServer, connect, type AddressInfo } from 'node:net';
import { median, print, row, Stage } from './stage.ts';

/** `cargo xtask bench-page` starts a cluster and names a database of it. */
const DATABASE = process.env.PARLANCE_TEST_POSTGRES_URL;
const DELAY_MS = 250;
const RUNS = 5;

/** A line to the database on which what the server asks arrives late. */
async function slowLine(target: URL): Promise<{ url: string; delay: (ms: number) => void; close: () => void }> {
  let ms = 0;
  const line = createServer((client) => {
    const database = connect(Number(target.port || 5432), target.hostname);
    // One timer after the other, so that nothing overtakes.
    client.on('data', (data) => void setTimeout(() => database.write(data), ms));
    database.on('data', (data) => client.write(data));
    for (const [one, other] of [[client, database], [database, client]] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.host = `127.0.0.1:${(line.address() as AddressInfo).port}`;
  return { url: url.href, delay: (next) => void (ms = next), close: () => void line.close() };
}

test('a slow database', async ({ browser }) => {
  test.skip(!DATABASE, 'no PostgreSQL');
  const line = await slowLine(new URL(DATABASE!));
  const stage = await Stage.set({ DATABASE_URL: line.url });
  const address = stage.server.url + (await stage.conversation(10));
  const context = await stage.visitor(browser);
  const page = await context.newPage();
  const paint = async (): Promise<number> => {
    await page.goto(address, { waitUntil: 'load' });
    // What follows a visit (its stream, what is noted of it) asks the slow database, too, and is over before the next.
    await page.waitForTimeout(1500);
    return page.evaluate(
      () =>
        new Promise<number>((resolve) =>
          new PerformanceObserver((list) => resolve(list.getEntries().at(-1)!.startTime)).observe({
            type: 'largest-contentful-paint',
            buffered: true,
          }),
        ),
    );
  };
  const several = async () => {
    const all: number[] = [];
    for (let run = 0; run < RUNS; run++) all.push(await paint());
    return median(all);
  };
  // Connections and their statements are made before anything is measured.
  for (let run = 0; run < 20; run++) await paint();
  const quick = await several();
  line.delay(DELAY_MS);
  const late = await several();
  line.delay(0);
  print('A database that answers 250 ms later (PostgreSQL)', [
    row('largest paint grows by so many delays', (late - quick) / DELAY_MS, 2, '', 1),
  ]);
  await context.close();
  await stage.strike();
  line.close();
});
