import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('the API responds to generated requests as its OpenAPI document declares', { timeout: 900_000 }, async () => {
  const fuzz = spawn(process.execPath, [fileURLToPath(new URL('../../openapi/fuzz.ts', import.meta.url)), '2']);
  let output = '';
  for (const stream of [fuzz.stdout, fuzz.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(fuzz, 'close');
  expect(code, output).toBe(0);
});
