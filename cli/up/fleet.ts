import { accepted, connectTo, type Remote } from '../remote/client.ts';
import { saveCredentials } from './credentials.ts';
import { apiUrl, type Installation } from './installation.ts';

export const FLEET = 'local';

/**
 * Creates the fleet of the Envoy on this machine, and a token for its agent. In a fleet that exists, only the ports 80
 * and 443 and the address follow the options: everything else, such as further ports, is the user's.
 */
export async function prepareFleet(operator: Remote, installation: Installation): Promise<void> {
  const { options, folder, credentials } = installation;
  const { address } = options;
  const web = [
    { number: 80, bind: options.http, protocol: 'HTTP' as const },
    { number: 443, bind: options.https, protocol: 'HTTPS' as const },
  ];
  const path = { fleet: FLEET };
  const found = await operator.GET('/v1/fleets/{fleet}', { params: { path } });
  if (found.response.status === 404) {
    // The demo's services listen on loopback addresses. A fleet that serves several tenants must not send requests
    // there.
    const body = { name: FLEET, labels: { ingress: 'public' }, ports: web, address, denyDestinations: [] };
    accepted('Making the fleet', await operator.POST('/v1/fleets', { body }));
  } else {
    const fleet = accepted('Reading the fleet', found);
    const isWeb = ({ number, protocol }: { number: number; protocol: string }) =>
      web.find((each) => each.number === number && each.protocol === protocol);
    const others = web.filter((port) => !fleet.ports.some((each) => isWeb(each) === port));
    const body = {
      address,
      ports: [...fleet.ports.map((port) => ({ ...port, bind: isWeb(port)?.bind ?? port.bind })), ...others],
    };
    // Every change of a fleet makes its agents read a snapshot, so nothing is written when nothing differs.
    if (differs(fleet, body))
      accepted('Changing the fleet', await operator.PATCH('/v1/fleets/{fleet}', { params: { path }, body }));
  }
  if (credentials.agentToken && (await works(installation, credentials.agentToken))) return;
  const made = await operator.POST('/v1/fleets/{fleet}/tokens', {
    params: { path },
    body: { description: 'gatehouse up' },
  });
  credentials.agentToken = accepted("Making the agent's token", made).token;
  saveCredentials(folder.secrets, credentials);
}

/**
 * Whether the API accepts the token. It may have been revoked, or the fleet may have been deleted and created again.
 */
async function works(installation: Installation, token: string): Promise<boolean> {
  const { response } = await connectTo({ url: apiUrl(installation), token }).GET('/v1/fleets/{fleet}', {
    params: { path: { fleet: FLEET } },
  });
  return response.ok;
}

function differs(have: object, wanted: Record<string, unknown>): boolean {
  const held = have as Record<string, unknown>;
  return Object.keys(wanted).some((key) => canonical(held[key]) !== canonical(wanted[key]));
}

/** Encodes a value as JSON with sorted members, because a database may return them in another order. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
