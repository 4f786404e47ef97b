// Files that are dropped on the page, and long pastes.
import { type Page } from '@playwright/test';
import { expect, test } from '../../fixtures.ts';

test.use({ model: 'echo' });

async function drag(page: Page, kind: string, files: { name: string; bytes: number[]; type: string }[]): Promise<void> {
  await page.locator('#composer-text').evaluate(
    (box, [kind, files]) => {
      const load = new DataTransfer();
      for (const { name, bytes, type } of files as { name: string; bytes: number[]; type: string }[]) {
        load.items.add(new File([new Uint8Array(bytes)], name, { type }));
      }
      box.dispatchEvent(new DragEvent(kind as string, { dataTransfer: load, bubbles: true, cancelable: true }));
    },
    [kind, files] as const,
  );
}

const bytes = (text: string) => [...new TextEncoder().encode(text)];

test('a text file becomes a fenced block in the composer, behind what is typed', async ({ page, chat, member }) => {
  await chat.openNew();
  await chat.composer.fill('What does this do?');
  const file = { name: 'main.rs', bytes: bytes('fn main() {}\r\n'), type: '' };
  await drag(page, 'dragover', [file]);
  await expect(page.getByText('Drop a text file')).toBeVisible();
  await drag(page, 'drop', [file]);
  await expect(page.getByText('Drop a text file')).toBeHidden();
  await expect(chat.composer).toHaveValue('What does this do?\n\nmain.rs\n\n```rs\nfn main() {}\n```');
  expect(member.name).toBeTruthy();
});

test('what is no text, or too large, is said to be so', async ({ page, chat, member }) => {
  await chat.openNew();
  await drag(page, 'drop', [
    { name: 'photo.png', bytes: [0x89, 0x50, 0x4e, 0x47, 0, 0xff], type: 'image/png' },
    { name: 'long.txt', bytes: new Array(256 * 1024 + 1).fill(97), type: 'text/plain' },
  ]);
  await expect(page.getByText('“photo.png” is not a text')).toBeVisible();
  await expect(page.getByText('“long.txt” is larger than 256 KiB')).toBeVisible();
  await expect(chat.composer).toHaveValue('');
  expect(member.name).toBeTruthy();
});

test('a long paste may become a block of code', async ({ page, chat, member }) => {
  await chat.openNew();
  const code = 'let x = 1;\n'.repeat(500);
  await chat.composer.focus();
  await chat.composer.evaluate((box: HTMLTextAreaElement, code) => {
    const load = new DataTransfer();
    load.setData('text/plain', code);
    // A made-up event inserts nothing by itself.
    if (box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: load, bubbles: true, cancelable: true }))) {
      box.setRangeText(code);
      box.dispatchEvent(new InputEvent('input', { bubbles: true }));
    }
  }, code);
  await page.getByRole('button', { name: 'Make it a code block' }).click();
  await expect(chat.composer).toHaveValue('```\n' + code.trimEnd() + '\n```');
  expect(member.name).toBeTruthy();
});

test('a short paste is nobody’s business', async ({ page, chat, member }) => {
  await chat.openNew();
  await chat.composer.evaluate((box) => {
    const load = new DataTransfer();
    load.setData('text/plain', 'short');
    box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: load, bubbles: true, cancelable: true }));
  });
  await page.waitForTimeout(200);
  await expect(page.getByRole('button', { name: 'Make it a code block' })).toHaveCount(0);
  expect(member.name).toBeTruthy();
});
