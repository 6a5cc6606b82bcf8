/**
 * Runs schemathesis, with a bounded number of requests, against a real API on a database in memory. It checks that the
 * API answers every request with a response that the document declares. The first run installs schemathesis from PyPI
 * into `.cache/`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startApi } from '../api/serve.node.ts';
import { readSettings } from '../api/settings.ts';

const VERSION = '4.32.5';
const OPERATOR = 'gh_operator_for_the_fuzzer_only';
const folder = fileURLToPath(new URL('../.cache/schemathesis', import.meta.url));
const binary = `${folder}/bin/schemathesis`;

if (!existsSync(binary)) {
  console.log(`Fetching schemathesis ${VERSION}…`);
  execFileSync('python3', ['-m', 'pip', 'install', '--quiet', '--target', folder, `schemathesis==${VERSION}`], {
    stdio: 'inherit',
  });
}

const api = await startApi(
  readSettings({
    GATEHOUSE_STORE: 'sqlite::memory:',
    GATEHOUSE_DOMAIN_PROOF: 'optional',
    GATEHOUSE_LISTEN: '127.0.0.1:0',
    GATEHOUSE_OPERATOR_TOKEN: OPERATOR,
    GATEHOUSE_LOG_LEVEL: 'error',
  }),
);
const token = `Bearer ${OPERATOR}`;
// Tenants with the names that the document uses in its examples, so that some requests find one.
for (const name of ['reviews', 'acme'])
  await fetch(`${api.url}/v1/tenants`, {
    method: 'POST',
    headers: { authorization: token, 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });

const examples = process.argv[2] ?? '15';
const run = await new Promise<number>((resolve) => {
  // `spawn`, because a synchronous call would block this process, in which the API runs.
  spawn(
    binary,
    [
      '--config-file',
      fileURLToPath(new URL('schemathesis.toml', import.meta.url)),
      'run',
      `${api.url}/openapi.json`,
      '--header',
      `Authorization: ${token}`,
      '--checks',
      'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection',
      '--max-examples',
      examples,
      '--seed',
      '1',
      '--request-timeout',
      '10',
      // The feed and its status are for agents only. The fuzzer uses an operator token, which the API rejects there.
      // The access test covers that.
      '--exclude-tag',
      'Agents',
      '--phases',
      'examples,coverage,fuzzing',
      '--no-color',
    ],
    { stdio: 'inherit', env: { ...process.env, PYTHONPATH: folder } },
  ).on('exit', (code) => resolve(code ?? 1));
});
await api.close();
process.exitCode = run;
