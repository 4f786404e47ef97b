// Lighthouse, as for a telephone, on the page of a conversation and on the pages for strangers.
import { chromium, test } from '@playwright/test';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { print, row, Stage } from './stage.ts';

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'node_modules/.bin/lighthouse');
const GOALS = { performance: 95, accessibility: 100, 'best-practices': 100, seo: 100 };

type Report = {
  categories: Record<string, { score: number; auditRefs: { id: string }[] }>;
  audits: Record<string, { score: number | null; title: string }>;
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('lighthouse', async ({}, info) => {
  const stage = await Stage.set();
  const folder = mkdtempSync(join(tmpdir(), 'parlance-lighthouse-'));
  const port = await freePort();
  const { launchOptions } = info.project.use;
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    ...launchOptions,
    args: [...(launchOptions?.args ?? []), `--remote-debugging-port=${port}`],
  });
  const signedIn = await (await stage.visitor(context.browser() ?? (await chromium.launch(launchOptions)))).cookies();
  const conversation = await stage.conversation(10);
  for (const [name, path] of [['landing', '/'], ['sign-in', '/login'], ['conversation', conversation], ['new conversation', '/chat']] as const) {
    if (path.startsWith('/chat')) await context.addCookies(signedIn);
    const out = join(folder, 'report.json');
    await promisify(execFile)(PROGRAM, [
      stage.server.url + path,
      `--port=${port}`,
      '--output=json',
      `--output-path=${out}`,
      `--only-categories=${Object.keys(GOALS).join(',')}`,
      '--disable-storage-reset',
      '--quiet',
    ]);
    const report = JSON.parse(readFileSync(out, 'utf8')) as Report;
    const rows = Object.entries(GOALS).map(([category, goal]) => {
      const { score, auditRefs } = report.categories[category]!;
      const value = Math.round(score * 100);
      const weak = auditRefs.map(({ id }) => report.audits[id]!).filter((audit) => audit.score !== null && audit.score < 0.9);
      const why = value < 100 ? ` (${weak.map(({ title }) => title).join('; ')})` : '';
      return { ...row(category, value, goal, ''), measured: `${value}${why}`, goal: `≥ ${goal}`, met: value >= goal };
    });
    print(`Lighthouse, mobile: ${name}`, rows);
  }
  await context.close();
  rmSync(folder, { recursive: true, force: true });
  await stage.strike();
});
