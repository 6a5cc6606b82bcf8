import 'reflect-metadata';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Harness, harness, tenantWithRoute } from '../harness.ts';
import { type Algorithm, chainOf, issue, type Link, link } from './authority.ts';
import { spellings } from './spellings.ts';

let api: Harness;
let serial = 0;

beforeAll(async () => {
  api = await harness();
  await tenantWithRoute(api, 'acme');
});
afterAll(() => api.close());

const put = (body: { certificateChain: string; privateKey?: string }, name = `c${serial++}`) =>
  api.put(`/v1/tenants/acme/certificates/${name}`, body);
const refusals = async (body: { certificateChain: string; privateKey?: string }) => {
  const { status, body: problem } = await put(body);
  expect(status).toBe(422);
  return problem.violations.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`);
};

describe('a certificate and a key in any spelling', async () => {
  const root = await link('root');
  const leaf = await link('leaf', { issuer: root });
  const certificateChain = chainOf(leaf, root);
  const sec1 = `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${createPrivateKey(leaf.privateKey).export({ format: 'pem', type: 'sec1' })}`;

  test.each(spellings)('%s: kept in one form', async (_, respell) => {
    for (const privateKey of [leaf.privateKey, sec1]) {
      const { status, body, headers } = await put(
        { certificateChain: respell(certificateChain), privateKey: respell(privateKey) },
        'spelt',
      );
      expect([200, 201]).toContain(status);
      expect(body.spec).toEqual({ certificateChain });
      // The first request creates the certificate; every other spelling is equal and changes nothing.
      expect(headers.get('etag')).toBe((await api.get('/v1/tenants/acme/certificates/spelt')).headers.get('etag'));
      expect(body.revision).toBe((await api.get('/v1/tenants/acme/certificates/spelt')).body.revision);
    }
  });

  test('and changes nothing when it is written again', async () => {
    const first = await put({ certificateChain, privateKey: leaf.privateKey }, 'again');
    for (const [, respell] of spellings) {
      const { body, headers } = await put({ certificateChain: respell(certificateChain) }, 'again');
      expect([body.revision, headers.get('gatehouse-revision')]).toEqual([
        first.body.revision,
        first.headers.get('gatehouse-revision'),
      ]);
    }
  });
});

describe('keys', () => {
  test.for([
    ['RSA 2048', 'pkcs1'],
    ['ECDSA P-256', 'sec1'],
    ['ECDSA P-384', 'sec1'],
  ] as const)('%s as %s, under a label that is wrong', async ([algorithm, type]) => {
    const issued = await issue(['a.test'], algorithm);
    const privateKey = createPrivateKey(issued.privateKey)
      .export({ format: 'pem', type })
      .toString()
      .replaceAll(/(RSA|EC) PRIVATE/g, 'PRIVATE');
    expect((await put({ certificateChain: issued.certificateChain, privateKey })).status).toBe(201);
  });

  test('an encrypted one, labelled as if it were not', async () => {
    const { certificateChain, privateKey } = await issue(['a.test']);
    const encrypted = createPrivateKey(privateKey)
      .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString();
    expect(await refusals({ certificateChain, privateKey: encrypted })).toEqual(['/privateKey encrypted-key']);
    expect(await refusals({ certificateChain, privateKey: encrypted.replaceAll('ENCRYPTED ', '') })).toEqual([
      '/privateKey encrypted-key',
    ]);
  });
});

describe('a chain', async () => {
  const root = await link('root');
  const issuing = await link('issuing', { issuer: root, algorithm: 'RSA 2048' });
  const leaf = await link('leaf', { issuer: issuing });
  const stranger = await link('stranger');
  // The issuer's name, but a key of its own.
  const impostor = await link('issuing', { issuer: root });

  test.each<[string, Link[], Link[]]>([
    ['in order', [leaf, issuing, root], [leaf, issuing, root]],
    ['without the root', [leaf, issuing], [leaf, issuing]],
    ['the other way round', [root, issuing, leaf], [leaf, issuing, root]],
    ['mixed up', [issuing, leaf, root], [leaf, issuing, root]],
    ['with one twice', [leaf, issuing, issuing], [leaf, issuing]],
    ['of one', [leaf], [leaf]],
    ['of a root', [root], [root]],
  ])('%s is kept in order', async (_, links, expected) => {
    const { privateKey } = expected[0]!;
    const { status, body } = await put({ certificateChain: chainOf(...links), privateKey });
    expect([status, body.spec?.certificateChain]).toEqual([201, chainOf(...expected)]);
  });

  test.each<[string, Link[], RegExp]>([
    [
      'with an issuer that did not sign',
      [leaf, impostor],
      /certificate 2 has the name of the issuer of certificate 1, but did not sign it/,
    ],
    ['with a stranger', [leaf, stranger], /certificate 1 is not issued by certificate 2/],
    ['with a stranger at its end', [leaf, issuing, root, stranger], /not issued by/],
    ['with a gap', [leaf, root], /certificate 1 is not issued by certificate 2/],
  ])('%s is rejected', async (_, links, message) => {
    const { status, body } = await put({ certificateChain: chainOf(...links), privateKey: leaf.privateKey });
    expect(status).toBe(422);
    expect(body.violations).toMatchObject([
      { pointer: '/certificateChain', code: 'broken-chain', message: expect.stringMatching(message) },
    ]);
  });

  test('with something behind a certificate is rejected', async () => {
    const der = Buffer.concat([Buffer.from(leaf.certificate.rawData), Buffer.from('more')]);
    const certificateChain = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
    expect(await refusals({ certificateChain, privateKey: leaf.privateKey })).toEqual(['/certificateChain unreadable']);
    const trusted = certificateChain.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE');
    const { body } = await put({ certificateChain: trusted, privateKey: leaf.privateKey });
    expect(body.spec.certificateChain).toBe(chainOf(leaf));
    expect(new X509Certificate(body.spec.certificateChain).subject).toBe('CN=leaf');
  });
});

const usage = (flags: number) => new x509.KeyUsagesExtension(flags, true);
const purpose = (...purposes: string[]) => new x509.ExtendedKeyUsageExtension(purposes);
const NULL = new Uint8Array([0x05, 0x00]);
const stapling = new x509.Extension('1.3.6.1.5.5.7.1.24', false, new Uint8Array([0x30, 0x03, 0x02, 0x01, 0x05]));
const { digitalSignature, keyEncipherment, keyCertSign, cRLSign, keyAgreement } = x509.KeyUsageFlags;

describe('bytes that are nearly a certificate', async () => {
  const root = await link('root');
  const leaf = await link('leaf', { issuer: root });
  const der = Buffer.from(leaf.certificate.rawData);
  const at = (bytes: string) => {
    const index = der.indexOf(Buffer.from(bytes, 'hex'));
    expect(index).toBeGreaterThan(0);
    return index;
  };
  // A time's first digit, the version, the tag of a name, a length that takes more bytes than it needs.
  test.each<[string, string, number, number]>([
    ['a time that is none', '170d', 2, 0x72],
    ['an unknown version', 'a003020102', 4, 0x05],
    ['a tag that does not belong', '310d300b', 0, 0xb1],
    ['an object identifier that does not end', '0603550403', 4, 0x83],
  ])('%s', async (_, before, offset, byte) => {
    const changed = Buffer.from(der);
    changed[at(before) + offset] = byte;
    const certificateChain = `-----BEGIN CERTIFICATE-----\n${changed.toString('base64')}\n-----END CERTIFICATE-----\n`;
    expect(await refusals({ certificateChain, privateKey: leaf.privateKey })).toEqual(['/certificateChain unreadable']);
  });
});

describe('a certificate that', () => {
  test('names nobody is rejected', async () => {
    const made = await link('', {});
    expect(await refusals({ certificateChain: chainOf(made), privateKey: made.privateKey })).toEqual([
      '/certificateChain no-names',
    ]);
  });

  test.each<[string, string, x509.Extension[], Algorithm?]>([
    ['demands stapling', 'must-staple', [stapling]],
    ['may only sign certificates', 'key-usage', [usage(keyCertSign | cRLSign)]],
    ['may only sign certificates, RSA', 'key-usage', [usage(keyCertSign)], 'RSA 2048'],
    ['may not sign, ECDSA', 'key-usage', [usage(keyEncipherment | keyAgreement)]],
    ['is for clients', 'not-for-servers', [purpose(x509.ExtendedKeyUsage.clientAuth)]],
    ['is for an authority', 'not-for-servers', [purpose('1.3.6.1.5.5.7.3.9', '1.3.6.1.5.5.7.3.8')]],
    ['has an identifier of 65 bytes', 'unreadable', [new x509.Extension(`1.2${'.1'.repeat(64)}`, false, NULL)]],
    ['has more than 32 KB', 'too-big', [new x509.Extension('1.2.3', false, new Uint8Array(32_768))]],
  ])('%s is rejected', async (_, code, extensions, algorithm = 'ECDSA P-256') => {
    const made = await link('a.test', { extensions, algorithm });
    expect(await refusals({ certificateChain: chainOf(made), privateKey: made.privateKey })).toEqual([
      `/certificateChain ${code}`,
    ]);
  });

  test.each<[string, x509.Extension[], Algorithm?]>([
    ['says nothing of its use', []],
    ['may sign', [usage(digitalSignature)]],
    ['may be encrypted to, RSA', [usage(keyEncipherment)], 'RSA 2048'],
    ['is for servers and clients', [purpose(x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth)]],
    ['is for anything', [purpose('2.5.29.37.0')]],
    ['is an authority itself', [new x509.BasicConstraintsExtension(true), usage(keyCertSign | digitalSignature)]],
  ])('%s is taken', async (_, extensions, algorithm = 'ECDSA P-256') => {
    const made = await link('a.test', { extensions, algorithm });
    expect((await put({ certificateChain: chainOf(made), privateKey: made.privateKey })).status).toBe(201);
  });
});

test('without an authority, acme is the only error, also when a gateway names the certificate', async () => {
  const servers = [
    {
      port: { number: 443, name: 'https', protocol: 'HTTPS' },
      hosts: ['a.test'],
      tls: { mode: 'SIMPLE', credentialName: 'auto' },
    },
  ];
  const gateways = { edge: { selector: { ingress: 'public' }, servers } };
  const { status, body } = await api.put('/v1/tenants/acme/configuration', {
    certificates: { auto: { acme: {} } },
    gateways,
  });
  expect([status, body.violations]).toMatchObject([
    422,
    [{ code: 'no-authority', pointer: '/certificates/auto/acme' }],
  ]);
});
