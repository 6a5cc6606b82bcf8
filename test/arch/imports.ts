import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

/** The top folders of what users run. A folder that does not exist yet is judged from its first file on. */
export const PRODUCT = ['model', 'wire', 'api', 'dataplane', 'convert', 'openapi', 'cli', 'demo', 'dashboard'];

/** One import: `to` is a path from the root for our own files, otherwise the name of a package as written. */
export interface Import {
  from: string;
  to: string;
  /** `type`: erased, loads nothing. `later`: `import()`, loaded when it is called. */
  how: 'load' | 'type' | 'later';
}

/** @returns paths from the root of the hand-written sources below `folder`; none when there is no such folder */
export function sourcesOf(folder: string): string[] {
  let files: string[];
  try {
    files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return files
    .map((file) => join(folder, file))
    .filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !isGenerated(file))
    .sort();
}

const isGenerated = (file: string): boolean => file.startsWith('dataplane/envoy/gen/') || file === 'openapi/schema.ts';

export const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const IMPORT = /^(?:import|export|\} from)\b[^'"\n=]*['"]([^'"\n]+)['"];|\bimport\(['"]([^'"]+)['"]\)/gm;

/** Every import of the sources below `folder`, `import type` and `import()` included. */
export const importsOf = (folder: string): Import[] =>
  sourcesOf(folder).flatMap((from) => {
    const text = textOf(from);
    return [...text.matchAll(IMPORT)].map((match) => {
      const target = (match[1] ?? match[2])!;
      const to = target.startsWith('.') ? normalize(join(dirname(from), target)) : target;
      // Of an import over several lines, the pattern matches the last one.
      const start = match[0].startsWith('}') ? Math.max(text.lastIndexOf('\nimport', match.index), 0) : match.index;
      return { from, to, how: howOf(text.slice(start).trimStart()) };
    });
  });

/** @param statement from its first word on; `import { type A }` loads the module all the same */
function howOf(statement: string): Import['how'] {
  if (statement.startsWith('import(')) return 'later';
  return /^(import|export) type\b/.test(statement) ? 'type' : 'load';
}

export const topOf = (path: string): string => path.split('/')[0]!;

/** `true` when `path` lies in `folder`, which may be nested: `dataplane/serve`. */
export const isIn = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

export const arrow = ({ from, to }: Import): string => `${from} → ${to}`;
