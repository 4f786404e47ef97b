// Pictures of every page and state: `make shots`. Both themes, three widths, two languages; into target/shots.
import { defineConfig } from '@playwright/test';
import base from '../playwright.config.ts';

const [chromium] = base.projects!;

export default defineConfig({
  testDir: '.',
  testMatch: '*.shot.ts',
  outputDir: '../test-results/shots',
  workers: base.workers,
  fullyParallel: true,
  timeout: 300_000,
  reporter: [['line']],
  use: { ...base.use, ...chromium!.use, trace: 'off', screenshot: 'off' },
  projects: [{ name: 'shots' }],
});
