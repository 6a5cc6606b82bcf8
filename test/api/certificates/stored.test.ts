import { expect, test } from 'vitest';
import type { Context } from '../../../api/context.ts';
import type { Candidate } from '../../../api/publishing/gates/gate.ts';
import { storedCertificates } from '../../../api/publishing/gates/stored-certificates.ts';
import type { Head } from '../../../api/publishing/heads/head.ts';
import { propose } from '../../../api/publishing/propose.ts';
import { Configuration } from '../../../model/configuration.ts';

test('a stored certificate with a key longer than a new one may have stays, with a warning', async () => {
  const certificate = (name: string, keyType: string) => ({
    ...{ kind: 'certificate' as const, name, spec: { certificateChain: '' } },
    info: { keyType, notAfter: '2100-01-01T00:00:00.000Z' },
  });
  const configuration = Configuration.of([
    certificate('long', 'RSA 8192'),
    certificate('usual', 'RSA 4096'),
    certificate('ecdsa', 'ECDSA P-384'),
  ] as never);
  const found = await storedCertificates.judge({
    ...{ state: { configuration }, scope: {}, ctx: { now: 0 } },
  } as unknown as Candidate);
  expect(found).toMatchObject({
    errors: [],
    warnings: [{ resource: 'certificates/long', path: '/certificateChain', code: 'slow-key' }],
  });
});

test('a write of many resources stops when its client has gone', async () => {
  const written = [{ kind: 'trustBundle' as const, name: 'a', spec: {}, at: '' }];
  const ctx = { signal: AbortSignal.abort() } as unknown as Context;
  await expect(propose(ctx, {} as Head, written)).rejects.toMatchObject({ code: 'request-timeout' });
});
