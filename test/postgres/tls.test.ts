import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../api/store/open.node.ts';
import { postgresDriver } from '../../api/store/postgres.ts';
import { readPostgresUrl } from '../../api/store/postgres-url.ts';
import { issue } from '../api/certificates/authority.ts';
import { freePort } from '../e2e/stack.ts';
import { type Server, startServer } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tls-'));
const [key, own, other] = ['key.pem', 'own.pem', 'other.pem'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
let server: Server;
let url: string;

beforeAll(async () => {
  const pair = await issue(['localhost']);
  writeFileSync(own, pair.certificateChain);
  writeFileSync(key, pair.privateKey, { mode: 0o600 });
  writeFileSync(other, (await issue(['localhost'])).certificateChain);
  const port = await freePort();
  const flags = ['listen_addresses=127.0.0.1', 'ssl=on', `ssl_cert_file=${own}`, `ssl_key_file=${key}`];
  server = await startServer([], port);
  // The key has to be its own: only now is known whom it runs as.
  for (const file of [folder, key, own]) chownSync(file, server.uid, -1);
  await server.restart(flags.flatMap((flag) => ['-c', flag]));
  const at = new URL(server.url('postgres'));
  at.search = '';
  at.host = `localhost:${port}`;
  url = at.href;
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function encrypted(parameters: string): Promise<unknown> {
  const driver = postgresDriver(readPostgresUrl(`${url}?${parameters}`));
  try {
    return (await driver.all('select ssl::text from pg_stat_ssl where pid = pg_backend_pid()', []))[0]![0];
  } finally {
    await driver.close();
  }
}

test('the connection is encrypted when the URL asks for it', async () => {
  expect(await encrypted('sslmode=disable')).toBe('false');
  expect(await encrypted('sslmode=require')).toBe('true');
  expect(await encrypted(`sslmode=verify-ca&sslrootcert=${own}`)).toBe('true');
  expect(await encrypted(`sslmode=verify-full&sslrootcert=${own}`)).toBe('true');
});

test('a server that cannot prove who it is is not talked to', async () => {
  const elsewhere = url.replace('localhost', '127.0.0.1');
  await expect(openStore(`${url}?sslmode=verify-full`)).rejects.toThrow(/self-signed certificate/);
  await expect(openStore(`${url}?sslmode=verify-ca&sslrootcert=${other}`)).rejects.toThrow(/certificate/);
  await expect(openStore(`${elsewhere}?sslmode=verify-full&sslrootcert=${own}`)).rejects.toThrow(/IP: 127.0.0.1/);
  await (await openStore(`${elsewhere}?sslmode=verify-ca&sslrootcert=${own}`)).close();
});
