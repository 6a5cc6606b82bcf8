import { z } from 'zod';
import { ConnectionDestination } from './destination.ts';
import { ConnectionMatches } from './tcp.ts';

/** A rule for datagrams: the first rule that matches serves the session of a client. */
export const UdpRule = z
  .strictObject({
    match: ConnectionMatches,
    route: z
      .array(ConnectionDestination)
      .length(1)
      .describe(
        'Where datagrams go. All datagrams of one client address and port go to the same endpoint, until none has come for a minute. Datagrams cannot be split by weight: weigh the endpoints of the upstream instead.',
      ),
  })
  .meta({
    id: 'UdpRule',
    description: 'Which datagrams, and where they go.',
    example: { match: [{ port: 53 }], route: [{ destination: { upstream: 'resolvers' } }] },
  });
export type UdpRule = z.infer<typeof UdpRule>;
