import 'reflect-metadata'; // before @peculiar/x509, whose container asks for it
import type { webcrypto } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 24 * 3600 * 1000;
const RENEW_BEFORE = 30 * DAY;

/** A certificate and its private key, both as PEM. */
type Pair = {
  certificateChain: string;
  privateKey: string;
};

/** A CA that belongs to a folder. */
export interface Authority {
  /** The file of its certificate, with which curl verifies the certificates that it issues. */
  caFile: string;
  /** Returns the certificate that the folder keeps under a name until 30 days before it expires, or issues a new one. */
  issue(name: string, hosts: readonly [string, ...string[]]): Promise<Pair>;
}

/** Opens the CA of a folder. The folder keeps it until 30 days before it expires. A new CA issues new certificates. */
export async function openAuthority(folder: string, now = new Date()): Promise<Authority> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const kept = await read(folder, 'ca', now);
  const ca = kept ?? (await make(folder, 'ca', authority(now)));
  return {
    caFile: join(folder, 'ca.pem'),
    issue: async (name, hosts) =>
      (kept && (await read(folder, name, now))) ?? (await make(folder, name, server(ca, hosts, now))),
  };
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
  (ca: Pair, hosts: readonly [string, ...string[]], now: Date): Maker =>
  async (keys) => {
    const issuer = new x509.X509Certificate(ca.certificateChain);
    return x509.X509CertificateGenerator.create({
      subject: `CN=${hosts[0]}`,
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
        new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns', value }))),
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
