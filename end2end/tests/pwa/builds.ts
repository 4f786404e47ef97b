// Two builds of the site: the one that is there, and a copy in which every hashed file has another name.
import { cpSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

type Entry = { br?: number; gz?: number };
type Manifest = { build: string; files: Record<string, Entry> };

/** The site that the server under test serves: beside it, or where the build tool puts it. */
function built(): string {
  const beside = join(dirname(process.env.PARLANCE_BIN!), 'site');
  return existsSync(beside) ? beside : join(import.meta.dirname, '../../../target/site');
}

/** Copies the site into `dir`; every hash is written backwards, in names and in what names them. */
export function anotherBuild(dir: string): string {
  cpSync(built(), dir, { recursive: true });
  const pkg = join(dir, 'pkg');
  for (const twin of readdirSync(pkg).filter((name) => /\.(br|gz)$/.test(name))) {
    const path = join(pkg, twin);
    const plain = path.replace(/\.(br|gz)$/, '');
    if (twin.endsWith('.gz') && !existsSync(plain)) writeFileSync(plain, gunzipSync(readFileSync(path)));
    // It would still name the old files.
    rmSync(path);
  }
  const names = readdirSync(pkg);
  const hashes = names.map((name) => /^[\w-]+\.([0-9a-f]{8,})\./.exec(name)?.[1]).filter((hash) => hash !== undefined);
  const renamed = (text: string) =>
    hashes.reduce((text, hash) => text.replaceAll(hash, [...hash].reverse().join('')), text);
  for (const name of names) {
    const path = join(pkg, name);
    if (name.endsWith('.js')) writeFileSync(path, renamed(readFileSync(path, 'utf8')));
    renameSync(path, join(pkg, renamed(name)));
  }
  const manifest = JSON.parse(renamed(readFileSync(join(dir, 'manifest.json'), 'utf8'))) as Manifest;
  manifest.build = [...manifest.build].reverse().join('');
  for (const [path, entry] of Object.entries(manifest.files)) {
    if (!path.startsWith('/pkg/')) continue;
    delete entry.br;
    delete entry.gz;
  }
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest));
  return dir;
}

/** The name of the build that is there. */
export function buildOf(dir: string = built()): string {
  return (JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8')) as Manifest).build;
}
