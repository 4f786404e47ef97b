// How the page is measured: `make bench-page`. The same browser and server fixtures as the tests, one scene at a time.
import { defineConfig } from '@playwright/test';
import base from '../playwright.config.ts';

const [chromium] = base.projects!;

export default defineConfig({
  testDir: '.',
  testMatch: '*.bench.ts',
  outputDir: '../test-results/bench',
  // Two measurements at once would measure each other.
  workers: 1,
  fullyParallel: false,
  timeout: 900_000,
  reporter: [['line']],
  use: { ...base.use, ...chromium!.use, trace: 'off', screenshot: 'off' },
  projects: [{ name: 'bench' }],
});
