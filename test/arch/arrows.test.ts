import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDERS = ['model', 'wire', 'api', 'dataplane', 'cli'];

interface Import {
  from: string;
  to: string;
}

/** Every import of the folder's own files: relative ones as paths from the root, others as written. */
function importsOf(folder: string): Import[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|mjs)$/.test(file) && !file.includes('/gen/') && !file.startsWith('gen/'))
    .map((file) => join(folder, file));
  return files.flatMap((from) => {
    const text = readFileSync(join(ROOT, from), 'utf8');
    const named = [
      ...text.matchAll(/^(?:import|export|\} from)\b[^'"\n=]*['"]([^'"\n]+)['"];|\bimport\(['"]([^'"]+)['"]\)/gm),
    ];
    return named.map((match) => {
      const target = (match[1] ?? match[2])!;
      return { from, to: target.startsWith('.') ? normalize(join(dirname(from), target)) : target };
    });
  });
}

const imports = new Map(FOLDERS.map((folder) => [folder, importsOf(folder)]));
const top = (path: string) => path.split('/')[0]!;
const isOwn = (path: string) => FOLDERS.includes(top(path));

describe('the arrows between the top folders', () => {
  it('sees the imports it judges', () => {
    for (const folder of FOLDERS) expect(imports.get(folder)!.length, folder).toBeGreaterThan(0);
  });

  it.each([
    { folder: 'model', allowed: ['model'] },
    { folder: 'wire', allowed: ['wire', 'model'] },
    { folder: 'api', allowed: ['api', 'wire', 'model'] },
    { folder: 'dataplane', allowed: ['dataplane', 'wire', 'model'] },
  ])('$folder imports only $allowed of our own folders', ({ folder, allowed }) => {
    const astray = imports.get(folder)!.filter(({ to }) => isOwn(to) && !allowed.includes(top(to)));
    expect(astray).toEqual([]);
  });

  it('model imports nothing from outside but Zod and pure packages', () => {
    const pure = ['zod', 're2js', 'ipaddr.js', 'tldts'];
    const foreign = imports.get('model')!.filter(({ to }) => !isOwn(to) && !pure.includes(to));
    expect(foreign).toEqual([]);
  });

  it('api reaches Node only in its entry and its database drivers', () => {
    const doors = /(\.node\.ts|api\/store\/(sqlite|postgres)[\w-]*\.ts)$/;
    const nodes = imports
      .get('api')!
      .filter(
        ({ from, to }) =>
          !doors.test(from) &&
          (/^(node:|better-sqlite3|pg$|@hono\/node-server|pino)/.test(to) || /\.node\.ts$/.test(to)),
      );
    expect(nodes.map(({ from, to }) => `${relative('', from)} → ${to}`)).toEqual([]);
  });

  it('the Worker bundles every migration there is', () => {
    const files = readdirSync(join(ROOT, 'migrations/sqlite')).filter((file) => file.endsWith('.sql'));
    const worker = readFileSync(join(ROOT, 'api/store/open.worker.ts'), 'utf8');
    const tags = [...worker.matchAll(/tag: '([^']+)'/g)].map(([, tag]) => `${tag}.sql`);
    expect(tags).toEqual(files.sort());
  });

  it('compile is pure: no I/O, no clock', () => {
    const impure = imports
      .get('dataplane')!
      .filter(
        ({ from, to }) =>
          from.startsWith('dataplane/compile/') && to.startsWith('node:') && to !== 'node:crypto' && to !== 'node:net',
      );
    expect(impure).toEqual([]);
  });
});
