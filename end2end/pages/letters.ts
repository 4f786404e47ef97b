// A letter box: the server under test sends its mail there.
import { createServer, type Server as Listener, type Socket } from 'node:net';
import { expect, test as base } from '../fixtures.ts';
import { PASSWORD } from './profile.ts';

let counter = 0;

/** Tests of a server that can send mail, and so wants addresses to be confirmed: a member has answered the letter. */
export const test = base.extend<{ letters: LetterBox }>({
  letters: async ({}, use) => {
    const box = await LetterBox.open();
    await use(box);
    box.close();
  },
  settings: async ({ letters }, use) => {
    await use({ PARLANCE_SMTP_URL: letters.url, PARLANCE_MAIL_FROM: 'parlance@example.com' });
  },
  member: async ({ page, server, letters }, use) => {
    const name = `reader${process.pid}x${counter++}`;
    const email = `${name}@example.com`;
    const post = async (path: string, data: object, status: number) => {
      const answer = await page.request.post(`${server.url}/api/auth/${path}`, { headers: { Origin: server.url }, data });
      expect(answer.status()).toBe(status);
    };
    await post('register', { username: name, email, password: PASSWORD }, 202);
    const link = new URL(await letters.link('verify', email));
    await post('verify', { token: link.searchParams.get('token'), password: PASSWORD }, 204);
    await post('login', { email, password: PASSWORD }, 200);
    await use({ name });
  },
});

/** Takes every letter (RFC 5321, as little of it as a client needs). */
export class LetterBox {
  private readonly letters: string[] = [];
  private constructor(private readonly listener: Listener) {}

  static async open(): Promise<LetterBox> {
    const listener = createServer();
    const box = new LetterBox(listener);
    listener.on('connection', (socket) => box.serve(socket));
    await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
    return box;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.listener.address() as { port: number }).port}`;
  }

  private serve(socket: Socket): void {
    let text = '';
    let letter: string | undefined;
    socket.on('error', () => socket.destroy());
    socket.write('220 sink\r\n');
    socket.on('data', (data) => {
      text += data.toString('latin1');
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        if (letter !== undefined && line !== '.') letter += `${line.replace(/^\./, '')}\r\n`;
        else if (letter !== undefined) {
          this.letters.push(letter);
          letter = undefined;
          socket.write('250 taken\r\n');
        } else if (/^DATA/i.test(line)) {
          letter = '';
          socket.write('354 go on\r\n');
        } else socket.write(/^QUIT/i.test(line) ? '221 bye\r\n' : '250 ok\r\n');
      }
    });
  }

  /** The link to this page in a letter to `to`; the newest one. */
  async link(page: 'verify' | 'reset', to: string): Promise<string> {
    let found: string | undefined;
    await expect
      .poll(() => {
        const mine = this.letters.filter((letter) => letter.toLowerCase().includes(`to: ${to}`)).map(plain);
        found = mine.map((letter) => new RegExp(`http[^\\s"<>]*/${page}\\?token=[\\w-]+`).exec(letter)?.[0]).findLast(Boolean);
        return found;
      })
      .toBeTruthy();
    return found!;
  }

  /** Whether a letter to `to` holds this text. */
  says(to: string, text: string): boolean {
    const mine = this.letters.filter((letter) => letter.toLowerCase().includes(`to: ${to}`));
    return mine.map(plain).some((letter) => letter.includes(text));
  }

  count(): number {
    return this.letters.length;
  }

  close(): void {
    this.listener.close();
  }
}

/** A letter with its encodings undone: quoted-printable where it is, and whatever is base64 beside it. */
function plain(letter: string): string {
  const quoted = letter.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  const packed = letter.match(/(?:^[A-Za-z0-9+/]{20,76}={0,2}\r\n)+/gm) ?? [];
  return [quoted, ...packed.map((part) => Buffer.from(part, 'base64').toString('utf8'))].join('\n');
}
