import { z } from 'zod';
import { CidrText } from '../values/cidr.ts';
import { sparse } from '../values/sparse.ts';
import { ConnectionDestination } from './destination.ts';
import { checkWeights } from './weights.ts';

/** A condition on a connection. */
export const ConnectionMatch = z
  .strictObject({
    port: z.int().min(1).max(65535).optional().describe('The port that the client connects to.'),
    source: z
      .array(CidrText)
      .min(1)
      .max(64)
      .optional()
      .describe('The address of the client is in one of these networks.'),
  })
  .meta({
    id: 'ConnectionMatch',
    description: 'A condition on a connection: every field must match.',
    example: { port: 5432, source: ['10.0.0.0/8'] },
  });
export type ConnectionMatch = z.infer<typeof ConnectionMatch>;

/** The conditions of a rule for connections or datagrams. */
export const ConnectionMatches = z
  .array(ConnectionMatch)
  .min(1)
  .max(64)
  .optional()
  .describe('The rule applies when one of these conditions matches; without any, always.');

/** A rule for connections: the first rule that matches serves the connection. */
export const TcpRule = sparse
  .strictObject(
    {
      match: ConnectionMatches,
      route: z
        .array(ConnectionDestination)
        .min(1)
        .max(32)
        .describe('Where connections go, in proportion to the weights. A connection keeps its destination.'),
    },
    checkWeights('no destination would receive any connection'),
  )
  .meta({
    id: 'TcpRule',
    description: 'Which connections, and where they go.',
    example: { match: [{ port: 5432 }], route: [{ destination: { upstream: 'orders-db' } }] },
  });
export type TcpRule = z.infer<typeof TcpRule>;

/** A rule for connections or for datagrams. */
export type ConnectionRule = Pick<TcpRule, 'match' | 'route'> & {
  /** Only of rules for datagrams. */
  idleTimeout?: string | undefined;
};
