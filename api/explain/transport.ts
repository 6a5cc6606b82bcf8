import { z } from '@hono/zod-openapi';
import type { ClientRequest } from '../../model/explain/explain.ts';
import { type Fleet, http3Refusal, portsAt } from '../../model/fleet.ts';
import { sendsHost, transportOf } from '../../model/values/protocol.ts';

/** The transport protocol of a port. */
export const Transport = z.enum(['tcp', 'udp']);

/**
 * Returns why the transport of the request must be given, or cannot be the given one; undefined when it is clear.
 *
 * @returns the code and the message of a violation
 */
export function unclearTransport(
  fleet: Fleet,
  { port, transport }: Pick<ClientRequest, 'port' | 'transport'>,
): { code: string; message: string } | undefined {
  if (port === undefined) return undefined;
  const offered = portsAt(fleet, port);
  const isUdp = offered.some(({ protocol }) => transportOf(protocol) === 'udp');
  const tcp = offered.find(({ protocol }) => transportOf(protocol) === 'tcp');
  if (transport === undefined && isUdp && tcp && !sendsHost(tcp.protocol))
    return {
      code: 'transport-required',
      message: `port ${port} of the fleet ${fleet.name} is open for TCP and for UDP; name one of \`tcp\`, \`udp\``,
    };
  if (transport === 'udp' && !isUdp && tcp?.protocol === 'HTTPS' && http3Refusal(fleet, port) === undefined)
    return {
      code: 'not-explained',
      message: 'HTTP/3 is not explained; without `transport`, the same rules are explained for HTTP/1.1',
    };
  return undefined;
}
