import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { inspectChain } from '../../../api/certificates/inspect.ts';
import { verifiedKey } from '../../../api/certificates/pair.ts';
import { Problem } from '../../../api/problem.ts';
import { type Algorithm, chainOf, type Link, link } from '../../api/certificates/authority.ts';
import { spellings } from '../../api/certificates/spellings.ts';
import type { Pair } from '../../e2e/authority.ts';
import type { Random } from './random.ts';

const { digitalSignature, keyEncipherment, keyAgreement, keyCertSign, cRLSign, nonRepudiation, dataEncipherment } =
  x509.KeyUsageFlags;
const flags = [digitalSignature, keyEncipherment, keyAgreement, keyCertSign, cRLSign, nonRepudiation, dataEncipherment];
const purposes = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.9', '2.5.29.37.0', '1.2.3.4'];
const algorithms: Algorithm[] = ['ECDSA P-256', 'ECDSA P-256', 'ECDSA P-384', 'ECDSA P-521', 'RSA 2048', 'RSA 1024'];
const stapling = new Uint8Array([0x30, 0x03, 0x02, 0x01, 0x05]);

/** Certificates as tenants write them. They are created once, because that takes longer than checking them. */
export async function certificatePool(random: Random, size: number): Promise<(Pair & { links: Link[] })[]> {
  const root = await link('root');
  const issuing = await link('issuing', { issuer: root, algorithm: 'RSA 2048' });
  const pool = [];
  for (let index = 0; index < size; index++) {
    const issuer = random.pick([undefined, root, issuing]);
    const leaf = await link(`leaf-${index}`, {
      algorithm: random.pick(algorithms),
      ...(issuer && { issuer }),
      extensions: extensions(random, index),
    });
    const above = issuer === issuing ? [issuing, root] : issuer ? [root] : [];
    const links = [leaf, ...above.slice(0, random.below(above.length + 1))];
    pool.push({
      certificateChain: chainOf(...(random.chance(20) ? links.toReversed() : links)),
      privateKey: leaf.privateKey,
      links,
    });
  }
  return pool;
}

function extensions(random: Random, index: number): x509.Extension[] {
  return [
    ...(random.chance(90)
      ? [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: `a${index}.test` }])]
      : []),
    ...(random.chance(50)
      ? [
          new x509.KeyUsagesExtension(
            random.some(0, 3, () => random.pick(flags)).reduce((all, flag) => all | flag, 0),
            random.chance(50),
          ),
        ]
      : []),
    ...(random.chance(40)
      ? [
          new x509.ExtendedKeyUsageExtension(
            random.some(1, 2, () => random.pick(purposes)),
            random.chance(30),
          ),
        ]
      : []),
    ...(random.chance(30) ? [new x509.BasicConstraintsExtension(random.chance(50), undefined, true)] : []),
    ...(random.chance(10) ? [new x509.Extension('1.3.6.1.5.5.7.1.24', false, stapling)] : []),
    ...(random.chance(10) ? [new x509.Extension('1.2.3.4.5', false, new Uint8Array([0x05, 0x00]))] : []),
  ];
}

/**
 * Writes a pair of the pool in a random spelling. Returns it as the API would store it; undefined if the API rejects
 * it.
 */
export async function accepted(random: Random, pair: Pair): Promise<Pair | undefined> {
  const [[, chain], [, key]] = [random.pick(spellings), random.pick(spellings)];
  try {
    const { leaf, pem } = await inspectChain(chain(pair.certificateChain), Date.now());
    return { certificateChain: pem, privateKey: await verifiedKey(leaf, key(pair.privateKey)) };
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
