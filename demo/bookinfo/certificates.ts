import 'reflect-metadata'; // before @peculiar/x509, whose container asks for it
import type { webcrypto } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { HOST, type Pair } from './configuration.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 24 * 3600 * 1000;
const RENEW_BEFORE = 30 * DAY;

/** The demo's certificate, and the file of the CA with which curl verifies it. */
export interface Issued {
  caFile: string;
  certificate: Pair;
}

/**
 * Returns a certificate for the demo's hosts, issued by a CA that belongs to the folder. The folder keeps both for
 * later starts until 30 days before they expire. A new CA issues a new certificate.
 */
export async function issue(folder: string, now = new Date()): Promise<Issued> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const kept = await read(folder, 'ca', now);
  const ca = kept ?? (await make(folder, 'ca', authority(now)));
  const leaf = (kept && (await read(folder, 'bookinfo', now))) ?? (await make(folder, 'bookinfo', server(ca, now)));
  return { caFile: join(folder, 'ca.pem'), certificate: leaf };
}

type Maker = (keys: webcrypto.CryptoKeyPair) => Promise<x509.X509Certificate>;

const authority =
  (now: Date): Maker =>
  async (keys) =>
    x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=Gatehouse demo CA',
      keys,
      notBefore: new Date(now.getTime() - DAY),
      notAfter: new Date(now.getTime() + 3650 * DAY),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });

const server =
  (ca: Pair, now: Date): Maker =>
  async (keys) => {
    const issuer = new x509.X509Certificate(ca.certificateChain);
    return x509.X509CertificateGenerator.create({
      subject: `CN=${HOST}`,
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey: await importKey(ca.privateKey),
      notBefore: new Date(now.getTime() - DAY),
      // Browsers and the curl of macOS reject certificates that are valid for more than 398 days.
      notAfter: new Date(now.getTime() + 396 * DAY),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: HOST },
          { type: 'dns', value: `*.${HOST}` },
        ]),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ],
    });
  };

/**
 * Reads the certificate and key stored under `name`. Resolves to undefined if there are none, if they are unreadable,
 * or if the certificate expires soon.
 */
async function read(folder: string, name: string, now: Date): Promise<Pair | undefined> {
  try {
    const [certificateChain, privateKey] = await Promise.all([
      readFile(join(folder, `${name}.pem`), 'utf8'),
      readFile(join(folder, `${name}.key`), 'utf8'),
    ]);
    const { notAfter } = new x509.X509Certificate(certificateChain);
    return notAfter.getTime() - now.getTime() > RENEW_BEFORE ? { certificateChain, privateKey } : undefined;
  } catch {
    return undefined;
  }
}

async function make(folder: string, name: string, maker: Maker): Promise<Pair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const pair = {
    certificateChain: `${(await maker(keys)).toString('pem')}\n`,
    privateKey: `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')}\n`,
  };
  await write(join(folder, `${name}.key`), pair.privateKey, 0o600);
  await write(join(folder, `${name}.pem`), pair.certificateChain, 0o644);
  return pair;
}

/** Writes the file atomically, because an interrupted start must not leave half a key. */
async function write(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode });
  await rename(`${file}.new`, file);
}

function importKey(pem: string): Promise<CryptoKey> {
  const [bytes] = x509.PemConverter.decode(pem);
  if (!bytes) throw new Error('the CA key holds no PEM block');
  return crypto.subtle.importKey('pkcs8', bytes, ALGORITHM, false, ['sign']);
}
