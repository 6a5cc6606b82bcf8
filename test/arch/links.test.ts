import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const pages = globSync('{*,{docs,examples,demo,bench}/**/*}.md', { cwd: ROOT }).sort();
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (page: string) =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

it.each(pages)('every link of %s leads to a file, and to a heading of it', (page) => {
  const text = textOf(page)
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .replaceAll(/`[^`\n]*`/g, '');
  const broken = [...text.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)/gm)].flatMap(([, inline, reference]) => {
    const link = inline ?? reference ?? '';
    if (/^[a-z]+:/.test(link)) return [];
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(ROOT, file))) return [link];
    return anchor === undefined || anchorsOf(file).includes(anchor) ? [] : [link];
  });
  expect(broken).toEqual([]);
});

it('every page that a source file names exists', () => {
  const sources = globSync('{api,bench,cli,dataplane,demo,model,openapi,wire,test}/**/*.ts', {
    cwd: ROOT,
    exclude: (path) => path.includes('gen'),
  });
  const named = sources.flatMap((file) =>
    [...textOf(file).matchAll(/\bdocs\/[\w/-]+\.md\b/g)].map(([name]) => `${file}: ${name}`),
  );
  expect(named.filter((each) => !existsSync(join(ROOT, each.split(': ')[1]!)))).toEqual([]);
});

it('every page is named by another one', () => {
  const links = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)\s#]+)/g)].map(([, link = '']) => join(dirname(page), link)),
  );
  const linked = new Set(
    links.flatMap((link) => (existsSync(join(ROOT, link, 'README.md')) ? join(link, 'README.md') : link)),
  );
  expect(pages.filter((page) => page !== 'README.md' && !linked.has(page))).toEqual([]);
});
