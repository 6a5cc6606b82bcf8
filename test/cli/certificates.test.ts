import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openAuthority } from '../../demo/certificates.ts';

const HOSTS: [string, string] = ['bookinfo.example.com', '*.bookinfo.example.com'];
let folder: string;
const issue = async (at: string, now?: Date) => {
  const authority = await openAuthority(at, now);
  return { caFile: authority.caFile, certificate: await authority.issue('bookinfo', HOSTS) };
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-ca-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each(['bookinfo.example.com', 'any.bookinfo.example.com'])(
  'a client that trusts the CA verifies %s',
  async (servername) => {
    const { caFile, certificate } = await issue(folder);
    const server = createServer({ cert: certificate.certificateChain, key: certificate.privateKey }, (socket) =>
      socket.end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const authorized = await new Promise<boolean>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, servername, ca: readFileSync(caFile) });
      socket.once('secureConnect', () => {
        resolve(socket.authorized);
        socket.destroy();
      });
      socket.once('error', reject);
    });
    server.close();
    expect(authorized).toBe(true);
  },
);

it('keeps both keys to the owner', async () => {
  await issue(folder);
  for (const key of ['ca.key', 'bookinfo.key']) expect(statSync(join(folder, key)).mode & 0o777).toBe(0o600);
});

it('uses the same pair again', async () => {
  const first = await issue(folder);
  expect(await issue(folder)).toEqual(first);
});

it('renews the certificate under the same CA before it expires', async () => {
  const first = await issue(folder);
  const ca = readFileSync(first.caFile, 'utf8');
  const later = await issue(folder, new Date(Date.now() + 380 * 24 * 3600 * 1000));
  expect(later.certificate.certificateChain).not.toBe(first.certificate.certificateChain);
  expect(readFileSync(later.caFile, 'utf8')).toBe(ca);
});

it('issues a new certificate from a new CA when the old CA is unreadable', async () => {
  const first = await issue(folder);
  writeFileSync(join(folder, 'ca.key'), '');
  rmSync(join(folder, 'ca.pem'));
  const second = await issue(folder);
  expect(second.certificate).not.toEqual(first.certificate);
});
