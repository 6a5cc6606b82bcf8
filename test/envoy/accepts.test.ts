/**
 * Compares our checks with a real Envoy, which must accept what they accept. `test/drill/envoy-accepts.ts` does the
 * same for longer.
 */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { RE2Set } from 're2js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RouteConfiguration } from '../../dataplane/envoy/gen/envoy/config/route/v3/route.ts';
import { MAX_PATTERN, refusedByRe2 } from '../../model/regex/regex.ts';
import { MAX_PROGRAM, type Node, programSize } from '../../model/regex/size.ts';
import { type Algorithm, chainOf, issue, link } from '../api/certificates/authority.ts';
import { pattern } from '../drill/envoy-accepts/pattern.ts';
import { Random } from '../drill/envoy-accepts/random.ts';
import { shrink } from '../drill/envoy-accepts/shrink.ts';
import { envoyAccepts } from '../drill/envoy-accepts.ts';
import type { Pair } from '../e2e/authority.ts';
import { type Judge, startJudge } from './judge.ts';

const regex = (written: string, rewrite = '/') =>
  RouteConfiguration.fromPartial({
    virtualHosts: [
      {
        name: 'v',
        domains: ['*'],
        routes: [
          {
            match: { pathSpecifier: { $case: 'safeRegex', value: { regex: written } } },
            action: {
              $case: 'route',
              value: { clusterSpecifier: { $case: 'cluster', value: 'c' }, prefixRewrite: rewrite },
            },
          },
        ],
      },
    ],
  });

test('Envoy accepts what the API accepts', async () => {
  const report = await envoyAccepts({ seed: 7, count: 1600 });
  expect(report.rejections).toEqual([]);
  expect(report.judged.route).toBeGreaterThan(1000);
  expect(report.judged.upstream).toBeGreaterThan(300);
  expect(report.judged.gateway).toBeGreaterThan(20);
  expect(report.judged.certificate).toBeGreaterThan(30);
});

describe('Envoy rejects', () => {
  let judge: Judge;
  beforeAll(async () => {
    judge = await startJudge(await issue(['first.test']));
  });
  afterAll(() => judge?.close());

  // Without these, a judge that lets everything pass would go unnoticed.
  test('wrong resources, and accepts good ones afterwards', async () => {
    expect(await judge.routes(regex('('))).toMatch(/missing \)/);
    expect(await judge.routes(regex('a', '/\0'))).toMatch(/PrefixRewrite/);
    expect(await judge.routes(regex('a'))).toBeUndefined();
    const { certificateChain } = await issue(['a.test']);
    const { privateKey } = await issue(['b.test']);
    expect(await judge.certificate({ certificateChain, privateKey })).toBeDefined();
    expect(await judge.certificate(await issue(['a.test']))).toBeUndefined();
  });

  const usage = (flags: number) => [new x509.KeyUsagesExtension(flags, true)];
  const stapling = new x509.Extension('1.3.6.1.5.5.7.1.24', false, new Uint8Array([0x30, 0x03, 0x02, 0x01, 0x05]));
  const made = async (extensions: x509.Extension[], algorithm: Algorithm = 'ECDSA P-256'): Promise<Pair> => {
    const leaf = await link('a.test', { extensions, algorithm });
    return { certificateChain: chainOf(leaf), privateKey: leaf.privateKey };
  };

  test.each<[string, x509.Extension[], Algorithm?]>([
    ['that demands stapling', [stapling]],
    ['for ECDSA that may not sign', usage(x509.KeyUsageFlags.keyEncipherment)],
    ['for ECDSA that may only sign certificates', usage(x509.KeyUsageFlags.keyCertSign)],
    ['of RSA 1024', [], 'RSA 1024'],
  ])('a certificate %s', async (_, extensions, algorithm) =>
    expect(await judge.certificate(await made(extensions, algorithm))).toBeDefined(),
  );

  test('a spec that can be reduced to its smallest rejected part', async () => {
    const spec = { path: '/a', patterns: ['a', 'b(c', 'd'], more: { deep: [1, 2, 3] } };
    const fails = async (smaller: typeof spec) => {
      for (const each of smaller.patterns ?? [])
        if ((await judge.routes(regex(each || 'x'))) !== undefined) return true;
      return false;
    };
    expect(await shrink(spec, fails)).toEqual({ patterns: ['('] });
  });
});

test('the API judges patterns as RE2 does, and estimates no size below RE2’s', async () => {
  const judge = await startJudge(await issue(['first.test']), { 're2.max_program_size.error_level': 0 });
  try {
    const random = new Random(11);
    for (let count = 0; count < 1500; count++) {
      const written = pattern(random).toWellFormed();
      // No route contains NUL. Our check is stricter about `\C`, which matches any byte in any mode, and about quotations
      // that do not end.
      if (written === '' || written.length > MAX_PATTERN || /\0|\\C|\\Q(?![\s\S]*\\E)/.test(written)) continue;
      // Every pattern is too large for this Envoy; one that RE2 rejects, it rejects for another reason.
      const size = /program size of (\d+)/.exec((await judge.routes(regex(written))) ?? '')?.[1];
      const refused = refusedByRe2(written);
      if (size === undefined) expect(refused, written).toBeDefined();
      else if (refused !== undefined)
        expect([refused, estimate(written)], written).toEqual([
          expect.stringContaining('too large'),
          expect.toSatisfy((own) => own > MAX_PROGRAM),
        ]);
      else expect(estimate(written), written).toBeGreaterThanOrEqual(Number(size));
    }
  } finally {
    await judge.close();
  }
});

function estimate(written: string): number {
  const set = new RE2Set();
  set.add(Buffer.from(written).toString('latin1'));
  return programSize(set.regexps[0] as Node);
}
