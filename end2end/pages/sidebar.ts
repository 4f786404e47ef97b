// The sidebar as a person sees it: a column, or a drawer on a narrow screen.
import { expect, type Locator, type Page } from '@playwright/test';

export class SidebarPage {
  /** Links of the conversations, in their order. */
  readonly rows: Locator;
  /** Headings of the days. */
  readonly days: Locator;
  readonly region: Locator;
  readonly fold: Locator;
  readonly drawer: Locator;
  readonly field: Locator;
  readonly unread: Locator;

  constructor(private readonly page: Page) {
    this.region = page.getByRole('region', { name: 'Sidebar' });
    const list = page.getByRole('navigation', { name: 'Conversations' });
    this.rows = list.getByRole('link').and(page.locator('.sidebar-row'));
    this.days = list.getByRole('heading', { level: 2 });
    this.fold = page.getByRole('button', { name: 'Show or hide the sidebar' });
    this.drawer = page.getByRole('button', { name: 'Conversations', exact: true });
    this.field = page.getByRole('textbox', { name: 'New title' });
    this.unread = page.getByRole('img', { name: 'Not read yet' });
  }

  /** Opens the drawer, where the sidebar is one. */
  async show(): Promise<void> {
    if (await this.region.isVisible()) return;
    await this.drawer.click();
    await expect(this.region).toBeVisible();
  }

  /** Chooses from the menu of a row. */
  async act(title: string, name: 'Rename' | 'Delete'): Promise<void> {
    await this.rows.filter({ hasText: title }).hover();
    await this.page.getByRole('button', { name: `Actions for ${title}` }).click();
    await this.page.getByRole('group', { name: 'Conversation' }).getByRole('button', { name }).click();
  }

  async undo(): Promise<void> {
    await this.page.getByRole('button', { name: 'Undo' }).click();
  }

  async signOut(): Promise<void> {
    await this.show();
    await this.page.getByRole('button', { name: /^Account menu/ }).click();
    await this.page.getByRole('button', { name: 'Sign out' }).click();
  }
}

/** Waits until these tabs hear of what happens elsewhere: word of a conversation comes, and word that it has gone. */
export async function listening(url: string, ...pages: Page[]): Promise<void> {
  const title = 'Is anybody there?';
  const id = await make(pages[0]!, url, title);
  const heard = (count: number) =>
    Promise.all(pages.map((page) => expect(new SidebarPage(page).rows.filter({ hasText: title })).toHaveCount(count)));
  await heard(1);
  const gone = await pages[0]!.request.delete(`${url}/api/conversations/${id}`, { headers: { Origin: url } });
  expect(gone.ok()).toBe(true);
  await heard(0);
}

/** A conversation made behind the page's back. */
export async function make(page: Page, url: string, title: string): Promise<string> {
  const made = await page.request.post(`${url}/api/conversations`, { headers: { Origin: url }, data: { title } });
  expect(made.status()).toBe(201);
  return ((await made.json()) as { id: string }).id;
}
