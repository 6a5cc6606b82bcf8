/**
 * Writes `openapi.json` from the routes, and the TypeScript types of the client from `openapi.json`. With `--check`, it
 * writes nothing, and fails when a committed file is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { operations } from '../api/app.ts';
import { openapiDocument } from '../api/observe/document.ts';
import { typescriptOf } from './typescript.ts';

const document = openapiDocument(operations());
const files: Record<string, string> = {
  'openapi.json': `${JSON.stringify(document, null, 2)}\n`,
  'schema.ts': typescriptOf(document),
};

let stale = false;
for (const [name, text] of Object.entries(files)) {
  const file = new URL(name, import.meta.url);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`openapi/${name} is stale: run node openapi/emit.ts`);
    stale = true;
  }
}
process.exitCode = stale ? 1 : 0;
