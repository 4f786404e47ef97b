// How the browser tests run. Servers are not started here: a fixture starts each one on a port of its own,
// from PARLANCE_BIN and PARLANCE_UPSTREAM_BIN, which `cargo xtask test` and `cargo xtask browser` set.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig, type Project } from '@playwright/test';

// The system's browser where there is one; undefined means Playwright's own download.
const systemChromium = '/usr/bin/chromium';
const executablePath =
  process.env.PLAYWRIGHT_CHROMIUM ?? (existsSync(systemChromium) ? systemChromium : undefined);

const chromium = {
  browserName: 'chromium' as const,
  launchOptions: {
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  },
};
const desktop = { width: 1440, height: 900 };
const withoutScripts = '**/nojs/**';

const projects: Project[] = [
  {
    name: 'chromium',
    testIgnore: withoutScripts,
    grepInvert: /@mobile/,
    use: { ...chromium, viewport: desktop },
  },
  {
    // A telephone. Tests tagged @desktop have nothing to say about it.
    name: 'mobile',
    testIgnore: withoutScripts,
    grepInvert: /@desktop/,
    use: {
      ...chromium,
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
    },
  },
  {
    name: 'no-script',
    testMatch: `${withoutScripts}/*.spec.ts`,
    use: { ...chromium, viewport: desktop, javaScriptEnabled: false },
  },
];
if (process.env.PARLANCE_E2E_WEBKIT === '1') {
  projects.push({
    name: 'webkit',
    testIgnore: withoutScripts,
    grepInvert: /@mobile/,
    use: { browserName: 'webkit', viewport: desktop },
  });
}

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results/artifacts',
  fullyParallel: true,
  // More browsers than cores make every time-out a matter of luck.
  workers: Math.min(2, availableParallelism()),
  // A test that passes only sometimes is a failure; `--retries=1` records a trace of it.
  retries: 0,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [['line'], ['json', { outputFile: './test-results/report.json' }]],
  use: {
    locale: 'en-US',
    timezoneId: 'UTC',
    // A worker's requests pass by the tests' own routes; the tests of the worker allow it.
    serviceWorkers: 'block',
    screenshot: 'only-on-failure',
    trace: 'on-first-retry',
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
  },
  projects,
});
