import { z } from 'zod';
import { HostPattern } from '../values/host.ts';
import { sparse } from '../values/sparse.ts';
import { ConnectionDestination } from './destination.ts';
import { checkWeights } from './weights.ts';

const TlsMatch = z
  .strictObject({
    sniHosts: z
      .array(HostPattern)
      .min(1)
      .max(256)
      .describe('The server name (SNI) of the handshake is one of these hosts. A host of the route must cover each.'),
    port: z.int().min(1).max(65535).optional().describe('The port that the client connects to.'),
  })
  .meta({
    id: 'TlsMatch',
    description: 'A condition on a TLS handshake: every field must match.',
    example: { sniHosts: ['vault.example.com'] },
  });

/** A rule for TLS connections that are forwarded. */
export const TlsRule = sparse
  .strictObject(
    {
      match: z
        .array(TlsMatch)
        .min(1)
        .max(64)
        .describe('The rule applies when one of these conditions matches. A more specific server name comes first.'),
      route: z
        .array(ConnectionDestination)
        .min(1)
        .max(32)
        .describe(
          'Where connections go, in proportion to the weights. If they are not decrypted, the upstream shows its own certificate.',
        ),
    },
    checkWeights('no destination would receive any connection'),
  )
  .meta({
    id: 'TlsRule',
    description: 'Which TLS connections, and where they go.',
    example: { match: [{ sniHosts: ['vault.example.com'] }], route: [{ destination: { upstream: 'vault' } }] },
  });
export type TlsRule = z.infer<typeof TlsRule>;
