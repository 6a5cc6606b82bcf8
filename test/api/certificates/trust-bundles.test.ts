import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { TestAuthority } from '../../envoy/tls/clients.ts';
import { type Harness, harness, SHARED_FLEET } from '../harness.ts';

const at = '/v1/tenants/acme';
let api: Harness;
let [own, other]: TestAuthority[] = [];
let leaf: string;
let list: string;

beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  await api.post('/v1/tenants', { name: 'acme' });
  [own, other] = [await TestAuthority.create('Own'), await TestAuthority.create('Other')];
  leaf = (await own.issue([{ type: 'dns', value: 'a.test' }])).certificateChain;
  list = await own.revoke('01');
});
afterAll(() => api.close());

const put = (body: object) => api.put(`${at}/trustBundles/clients`, body);
const mangled = (pem: string) => `  some text\r\n${pem.replaceAll('\n', '\\n')} ${pem}`;

it('a bundle is stored in one form, whatever the form in which it is written', async () => {
  const { status, body } = await put({ certificates: mangled(own!.pem), crl: mangled(list) });
  expect(status).toBe(201);
  expect(body.spec).toEqual({
    certificates: expect.stringMatching(/^-----BEGIN CERTIFICATE-----\n[\s\S]*\n$/),
    crl: list,
  });
  expect(body.spec.certificates.match(/BEGIN/g)).toHaveLength(1);
});

describe('a bundle is rejected', () => {
  test.each<[string, () => object, string, string]>([
    [
      'without a PEM block',
      () => ({ certificates: 'x' }),
      '/certificates',
      'contains no PEM block; must contain a certificate',
    ],
    [
      'with the certificate of a server',
      () => ({ certificates: leaf }),
      '/certificates',
      'certificate 1 (CN=a.test) is not the certificate of a CA: it lacks CA:TRUE',
    ],
    [
      'with a list instead of a certificate',
      () => ({ certificates: list }),
      '/certificates',
      'contains a revocation list; each block must be a certificate',
    ],
    [
      'with a broken certificate',
      () => ({ certificates: own!.pem.replace(/\n..../, '\nAAAA') }),
      '/certificates',
      'certificate 1 is not a certificate',
    ],
    [
      'with the list of another CA',
      () => ({ certificates: other!.pem, crl: list }),
      '/crl',
      'list 1 is not signed by a CA of the bundle (its issuer is CN=Own)',
    ],
    [
      'with a broken list',
      () => ({ certificates: own!.pem, crl: list.replace(/\n..../, '\nAAAA') }),
      '/crl',
      'list 1 is not a revocation list that Envoy can read',
    ],
  ])('%s', async (_, body, path, message) => {
    const { status, body: problem } = await put(body());
    expect(status).toBe(422);
    expect(problem.violations).toMatchObject([{ path, message }]);
  });
});

describe('lists of several CAs with one name', () => {
  const create = (count: number, options = {}) =>
    Promise.all(Array.from({ length: count }, () => TestAuthority.create('Same', options)));
  const bundle = (authorities: TestAuthority[], crl: string) => ({
    certificates: authorities.map(({ pem }) => pem).join('\n'),
    crl,
  });

  test('are verified with a few of them, those with the identifier of the issuer first', async () => {
    const plain = await create(5);
    expect((await put(bundle(plain, await plain[3]!.revoke('01')))).status).toBe(200);
    const { status, body } = await put(bundle(plain, await plain[4]!.revoke('01')));
    expect([status, body.violations]).toMatchObject([422, [{ path: '/crl', code: 'unknown-issuer' }]]);
    const identified = await create(6, { isIdentified: true });
    expect((await put(bundle(identified, await identified[5]!.revoke('01')))).status).toBe(200);
    expect((await put(bundle([...plain, identified[5]!], await identified[5]!.revoke('01')))).status).toBe(200);
  });

  test('are verified for so many bundles of one write', async () => {
    const plain = await create(4);
    const lists = await Promise.all(Array.from({ length: 50 }, (_, n) => plain[0]!.revoke(`0${n % 10}${n}`)));
    const one = bundle(plain, lists.join(''));
    const trustBundles = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`b${n}`, one]));
    const write = (count: number) => api.put(`${at}/configuration?dryRun=true`, { trustBundles: trustBundles(count) });
    const { body } = await write(6);
    expect(body.errors).toMatchObject([{ resource: 'trustBundles/b5', path: '/crl', code: 'too-many-lists' }]);
    expect((await write(5)).body.errors).toEqual([]);
  });
});

describe('TLS settings of a server are rejected', () => {
  const server = (tls: object, protocol = 'HTTPS') => ({
    selector: { ingress: 'public' },
    servers: [
      { port: { number: 443, name: 'https', protocol }, hosts: ['a.test'], tls: { credentialName: 'web', ...tls } },
    ],
  });
  test.each<[object, string, string]>([
    [{ mode: 'MUTUAL' }, 'caCertificates', 'MUTUAL needs the CAs that verify clients'],
    [
      { mode: 'SIMPLE', caCertificates: 'x' },
      'caCertificates',
      'SIMPLE asks no client for a certificate; use MUTUAL or OPTIONAL_MUTUAL',
    ],
    [
      { mode: 'SIMPLE', subjectAltNames: ['a'] },
      'subjectAltNames',
      'SIMPLE asks no client for a certificate; use MUTUAL or OPTIONAL_MUTUAL',
    ],
    [{ mode: 'MUTUAL', caCertificates: 'x', acceptUntrusted: true }, 'acceptUntrusted', 'is only for OPTIONAL_MUTUAL'],
    [
      { mode: 'SIMPLE', maxProtocolVersion: 'TLSV1_1' },
      'maxProtocolVersion',
      'is older than the oldest accepted version, TLSV1_2',
    ],
    [
      { mode: 'SIMPLE', minProtocolVersion: 'TLSV1_0' },
      'cipherSuites',
      'TLSV1_0 needs a suite that TLS 1.0 and 1.1 know, such as ECDHE-RSA-AES128-SHA',
    ],
    [
      { mode: 'SIMPLE', minProtocolVersion: 'TLSV1_3', cipherSuites: ['AES128-SHA'] },
      'cipherSuites',
      'are for TLS 1.2 and older, which minProtocolVersion excludes',
    ],
    [{ mode: 'SIMPLE', cipherSuites: ['AES128-SHA', 'AES128-SHA'] }, 'cipherSuites', 'names something twice'],
    [{ mode: 'SIMPLE', alpn: ['h3'] }, 'alpn/0', 'must be one of h2, http/1.1'],
    [
      { mode: 'SIMPLE', cipherSuites: ['RC4'] },
      'cipherSuites/0',
      'must be one of ECDHE-ECDSA-AES128-GCM-SHA256, ECDHE-RSA-AES128-GCM-SHA256, ',
    ],
  ])('%j', async (tls, field, message) => {
    const { status, body } = await api.put(`${at}/gateways/web`, server(tls));
    expect(status).toBe(422);
    expect(body.violations).toMatchObject([
      { path: `/servers/0/tls/${field}`, message: expect.stringContaining(message) },
    ]);
  });

  it('because no trust bundle has the name', async () => {
    const { body } = await api.put(`${at}/gateways/web`, server({ mode: 'MUTUAL', caCertificates: 'nobody' }));
    expect(body.violations).toContainEqual(
      expect.objectContaining({ path: '/servers/0/tls/caCertificates', code: 'dangling-reference' }),
    );
  });
});
