import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodePem, pemBlocks } from '../../model/values/pem.ts';
import { parse } from '../../model/violations.ts';
import { spellings } from '../api/certificates/spellings.ts';

const bytes = Uint8Array.from({ length: 200 }, (_, index) => (index * 7) % 256);
const two = [bytes, bytes.slice(0, 100)].map((der) => encodePem('CERTIFICATE', der)).join('');
const inputOf = (certificateChain: string, privateKey?: string) =>
  parse('certificate', 'it', { certificateChain, ...(privateKey !== undefined && { privateKey }) });

test('PEM is written in lines of 64 columns', () => {
  const lines = encodePem('CERTIFICATE', bytes).split('\n');
  expect(lines.map(({ length }) => length)).toEqual([27, 64, 64, 64, 64, 12, 25, 0]);
  expect(encodePem('X', new Uint8Array(48)).split('\n')).toHaveLength(4);
});

test.each(spellings)('PEM with %s is read as the same blocks', (_, respell) => {
  const respelt = respell(two);
  expect(pemBlocks(respelt).map(({ der }) => der)).toEqual(pemBlocks(two).map(({ der }) => der));
  expect(inputOf(respelt)).toEqual({ ok: true, spec: { certificateChain: two } });
});

const block = (label: string, body = 'AAAA') => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const key = (type: 'pkcs8' | 'pkcs1', cipher?: string) =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type, format: 'pem', ...(cipher && { cipher, passphrase: 'x' }) },
  }).privateKey;

test.each([
  ['nothing', '', /no PEM block/],
  ['no PEM', 'my certificate', /no PEM block/],
  ['half a block', '-----BEGIN CERTIFICATE-----\nAAAA\n', /no PEM block/],
  ['a block that ends as another', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----', /no PEM block/],
  ['what is not base64', block('CERTIFICATE', 'A*A='), /certificate 1 of the chain is not base64/],
  ['the key too', two + block('PRIVATE KEY'), /contains a private key, which belongs into privateKey/],
  ['an encrypted key too', block('ENCRYPTED PRIVATE KEY') + two, /contains a private key/],
  ['a request', block('CERTIFICATE REQUEST'), /certificate signing request/],
  ['an older request', block('NEW CERTIFICATE REQUEST'), /certificate signing request/],
  ['a public key', block('PUBLIC KEY'), /contains a public key/],
  ['PKCS#7', block('PKCS7'), /PKCS#7/],
  ['eleven', block('CERTIFICATE').repeat(11), /at most 10 certificates, not 11/],
])('a chain of %s is rejected', (_, chain, message) =>
  expect(inputOf(chain)).toMatchObject({
    ok: false,
    violations: [{ path: '/certificateChain', message: expect.stringMatching(message) }],
  }),
);

test.each([
  ['no PEM', 'secret', /no PEM block/],
  ['a certificate', two, /is a certificate; must be a private key/],
  ['a request', block('CERTIFICATE REQUEST'), /is a certificate signing request/],
  ['a public key', block('PUBLIC KEY'), /is a public key/],
  ['parameters alone', block('EC PARAMETERS'), /is a block of EC PARAMETERS/],
  ['two keys', block('PRIVATE KEY') + block('EC PRIVATE KEY'), /contains 2 private keys/],
  ['an SSH key', block('OPENSSH PRIVATE KEY'), /SSH key/],
  ['an encrypted PKCS#8 key', key('pkcs8', 'aes-256-cbc'), /is encrypted/],
  ['an encrypted PKCS#1 key', key('pkcs1', 'aes-256-cbc'), /is encrypted/],
  ['an encrypted key on one line', key('pkcs1', 'aes-256-cbc').replaceAll('\n', ' '), /is encrypted/],
  ['what is not base64', block('PRIVATE KEY', '????'), /is not base64/],
])('a key that is %s is rejected', (_, privateKey, message) => {
  const parsed = inputOf(two, privateKey);
  expect(parsed).toMatchObject({
    ok: false,
    violations: [{ path: '/privateKey', message: expect.stringMatching(message) }],
  });
  // A message never quotes a part of a key.
  for (const line of privateKey.split('\n').filter((each) => each.length > 40))
    expect(JSON.stringify(parsed)).not.toContain(line);
});

test('reading PEM takes time linear in the length of the text', () => {
  for (const text of ['-----BEGIN A-----', '-----BEGIN A-----\n-', '- '.repeat(8), 'LS0tLS'])
    expect(pemBlocks(text.repeat(Math.ceil(65_536 / text.length)))).toEqual([]);
});
