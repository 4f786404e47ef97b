// One's own account: its pages, and the codes of an app.
import { expect, type Locator, type Page } from '@playwright/test';
import { createHmac } from 'node:crypto';

export const PASSWORD = 'correct-horse-1';

export class ProfilePage {
  readonly main: Locator;
  readonly news: Locator;
  readonly alert: Locator;

  constructor(public readonly page: Page) {
    this.main = page.getByRole('main');
    this.news = this.main.locator('.notice[role=status]');
    this.alert = this.main.getByRole('alert');
  }

  async open(part: '' | 'password' | 'devices' | 'factor' | 'keys' | 'data' = ''): Promise<void> {
    await this.page.goto(part ? `/profile/${part}` : '/profile');
  }

  /** A field by its label; where two forms have one each, the button of the form that is meant. */
  field(label: string, button?: string): Locator {
    return this.form(button).getByLabel(label, { exact: true });
  }

  form(button?: string): Locator {
    const forms = this.main.locator('form');
    return button ? forms.filter({ has: this.page.getByRole('button', { name: button, exact: true }) }) : this.main;
  }

  async press(button: string): Promise<void> {
    await this.main.getByRole('button', { name: button, exact: true }).click();
  }

  /** What is wrong with a field stands beside it, is read out with it, and the cursor is there. */
  async expectBad(field: Locator, text: string): Promise<void> {
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field).toHaveAccessibleDescription(new RegExp(text));
    await expect(field).toBeFocused();
  }

  /** Turns the second factor on; answers its secret and the backup codes. */
  async enrol(): Promise<{ secret: string; codes: string[] }> {
    await this.open('factor');
    await this.field('Current password').fill(PASSWORD);
    await this.press('Set it up');
    const secret = (await this.main.locator('.profile-secret').innerText()).replaceAll(' ', '');
    await this.field('Code of the app').fill(code(secret));
    await this.press('Turn it on');
    const codes = await this.main.locator('.profile-codes code').allInnerTexts();
    return { secret, codes };
  }
}

/** The code of this moment and secret (RFC 6238: SHA-1, six digits, 30 seconds). `steps` looks ahead. */
export function code(secret: string, steps = 0): string {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac('sha1', key).update(counter).digest();
  const offset = hash[19]! & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
