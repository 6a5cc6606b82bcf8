import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gateway, type Harness, harness, SHARED_FLEET, tenantWithRoute, tokenFor } from '../harness.ts';
import { ALGORITHMS, issue, withLongKey } from './authority.ts';

let api: Harness;
let agent: string;
const secrets: string[] = [];
/** A PEM's body, line by line: a leak need not keep the armour. */
const keep = <T extends { privateKey: string }>(issued: T): T => {
  secrets.push(...issued.privateKey.split('\n').filter((line) => line.length > 40));
  return issued;
};
const body = ({ certificateChain, privateKey }: { certificateChain: string; privateKey: string }) => ({
  certificateChain,
  privateKey,
});

beforeAll(async () => {
  api = await harness({ GATEHOUSE_LOG_LEVEL: 'trace' });
  await api.post('/v1/fleets', SHARED_FLEET);
  agent = await tokenFor(api, '/v1/fleets/public');
  await tenantWithRoute(api, 'acme');
});
afterAll(() => api.close());

const at = '/v1/tenants/acme/certificates/web';

test.for(['RSA 2048', 'ECDSA P-256', 'ECDSA P-384'] as const)(
  '%s: read out, and the key never shown',
  async (algorithm) => {
    const issued = keep(await issue(['A.example.com', '*.b.example.com'], algorithm));
    const { status, body: written } = await api.put(at, body(issued));
    expect([200, 201]).toContain(status);
    expect(written.info).toMatchObject({ keyType: algorithm, dnsNames: ['a.example.com', '*.b.example.com'] });
    expect(written.spec).toEqual({ certificateChain: issued.certificateChain });
  },
);

test('keys as PKCS#1 and SEC 1 PEM', async () => {
  for (const [algorithm, type] of [
    ['RSA 2048', 'pkcs1'],
    ['ECDSA P-256', 'sec1'],
    ['ECDSA P-384', 'sec1'],
  ] as const) {
    const issued = keep(await issue(['a.example.com'], algorithm));
    const privateKey = createPrivateKey(issued.privateKey).export({ format: 'pem', type }).toString();
    expect((await api.put(at, body(keep({ ...issued, privateKey })))).status, algorithm).toBe(200);
  }
});

describe('422', () => {
  const refused = async (sent: object) => {
    const { status, body } = await api.put(at, sent);
    expect(status).toBe(422);
    return body.violations.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`);
  };

  test('a key of another certificate, of another type', async () => {
    const [mine, other, rsa] = [
      keep(await issue(['a.test'])),
      keep(await issue(['a.test'])),
      keep(await issue(['a.test'], 'RSA 2048')),
    ];
    expect(await refused({ ...body(mine), privateKey: other.privateKey })).toEqual(['/privateKey key-mismatch']);
    expect(await refused({ ...body(mine), privateKey: rsa.privateKey })).toEqual(['/privateKey unreadable']);
  });

  test('expired; too short; of a kind that cannot be served', async () => {
    expect(await refused(body(keep(await issue(['a.test'], 'ECDSA P-256', { days: -1 }))))).toEqual([
      '/certificateChain expired',
    ]);
    expect(await refused(body(keep(await issue(['a.test'], 'RSA 1024'))))).toEqual(['/certificateChain weak-key']);
    expect(await refused(body(await withLongKey(4104)))).toEqual(['/certificateChain slow-key']);
    expect(await refused(body(keep(await issue(['a.test'], 'ECDSA P-521'))))).toEqual([
      '/certificateChain unsupported-key',
    ]);
  });

  test('no key, and none kept; then the kept one serves a renewal, not another tenant', async () => {
    const issued = keep(await issue(['a.test']));
    expect(await refused({ certificateChain: issued.certificateChain })).toEqual(['/privateKey key-required']);
    await api.put(at, body(issued));
    const renewed = await issue(['a.test', 'b.test'], 'ECDSA P-256', { keys: issued.keys });
    expect((await api.put(at, { certificateChain: renewed.certificateChain })).status).toBe(200);
    await tenantWithRoute(api, 'rival');
    expect(
      (await api.put('/v1/tenants/rival/certificates/web', { certificateChain: renewed.certificateChain })).body
        .violations,
    ).toMatchObject([{ code: 'key-required' }]);
  });

  test('what is no certificate, with a pointer in a larger body too', async () => {
    const junk = `-----BEGIN CERTIFICATE-----\n${btoa('nothing of the kind')}\n-----END CERTIFICATE-----\n`;
    expect(await refused({ certificateChain: junk })).toEqual(['/certificateChain unreadable']);
    const notBase64 = '-----BEGIN CERTIFICATE-----0-----END CERTIFICATE-----';
    expect(await refused({ certificateChain: notBase64 })).toEqual(['/certificateChain unreadable']);
    const { body: problem } = await api.post('/v1/tenants/acme/revisions', {
      puts: [{ kind: 'certificate', name: 'x', spec: { certificateChain: junk } }],
    });
    expect(problem.violations).toMatchObject([
      { resource: 'certificates/x', pointer: '/puts/0/spec/certificateChain' },
    ]);
  });
});

test('the key goes to the fleet that serves it, only while a gateway there refers to it', async () => {
  const issued = keep(await issue(['acme.example.com']));
  await api.put(at, body(issued));
  const cursor = async () => (await api.get('/v1/fleets/public')).body.seq as number;
  // Read apart from the harness: what the feed carries is the one place where keys belong.
  const pull = async (after?: number) => {
    const response = await fetch(`${api.url}/v1/fleets/public/feed${after === undefined ? '' : `?after=${after}`}`, {
      headers: { authorization: `Bearer ${agent}` },
    });
    const { events } = (await response.json()) as {
      events: { type: string; tenant?: string; puts: { kind: string; privateKey?: string }[]; deletes: object[] }[];
    };
    return events.filter((event) => event.type === 'tenant' && event.tenant === 'acme');
  };
  expect((await pull())[0]!.puts.map(({ kind }) => kind)).not.toContain('certificate');

  const before = await cursor();
  const https = gateway('acme.example.com');
  const tls = {
    port: { number: 443, name: 'https', protocol: 'HTTPS' },
    hosts: ['acme.example.com'],
    tls: { mode: 'SIMPLE', credentialName: 'web' },
  };
  await api.put('/v1/tenants/acme/gateways/edge', { ...https, servers: [...https.servers, tls] });
  const [referred] = await pull(before);
  const sent = referred!.puts.find(({ kind }) => kind === 'certificate')!;
  expect(sent.privateKey).toContain('BEGIN PRIVATE KEY');

  const after = await cursor();
  await api.put('/v1/tenants/acme/gateways/edge', https);
  expect((await pull(after))[0]).toMatchObject({
    puts: [{ kind: 'gateway' }],
    deletes: [{ kind: 'certificate', name: 'web' }],
  });
});

test('a restored certificate finds its key again', async () => {
  const [first, second] = [keep(await issue(['a.test'])), keep(await issue(['a.test']))];
  const { headers } = await api.put(at, body(first));
  await api.put(at, body(second));
  const restored = await api.post('/v1/tenants/acme/revisions', { restore: Number(headers.get('gatehouse-revision')) });
  expect(restored.status).toBe(201);
  expect((await api.get(at)).body.spec.certificateChain).toBe(first.certificateChain);
});

test('no answer and no log line ever held a private key or a token', async () => {
  expect(secrets.length).toBeGreaterThan(20);
  expect(Object.keys(ALGORITHMS).length).toBeGreaterThan(0);
  const said = api.said().join('\n').replaceAll('\\n', '\n');
  for (const secret of secrets) expect(said.includes(secret)).toBe(false);
  const logged = api
    .said()
    .filter((line) => line.startsWith('{"level"'))
    .join('\n');
  expect(logged).toContain('"msg":"request"');
  expect(logged).not.toContain(agent);
  expect(logged).not.toContain('gh_operator_for');
});
