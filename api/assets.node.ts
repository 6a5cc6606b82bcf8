import { readFileSync } from 'node:fs';
import { FixedBytes } from './reply.ts';

const types: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
]);
/**
 * The folder of the package. The resolver returns it without loading the package, which would run a browser bundle of
 * 60 MB.
 */
const folder = new URL('.', import.meta.resolve('swagger-ui-dist/package.json'));
const start = new FixedBytes(
  `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });\n`,
);
export const assetNames = ['start.js', ...types.keys()];
const kept = new Map<string, FixedBytes>();

/** Returns a file of Swagger UI that the documentation page loads. The process reads each file once. */
export function documentationAsset(name: string): { body: FixedBytes; type: string } | undefined {
  if (name === 'start.js') return { body: start, type: 'text/javascript; charset=utf-8' };
  const type = types.get(name);
  if (type === undefined) return undefined;
  let body = kept.get(name);
  if (!body) kept.set(name, (body = new FixedBytes(new Uint8Array(readFileSync(new URL(name, folder))))));
  return { body, type };
}
