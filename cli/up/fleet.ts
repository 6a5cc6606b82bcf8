import { accepted, connectTo, type Remote } from '../remote/client.ts';
import { saveCredentials } from './credentials.ts';
import { apiUrl, type Installation } from './installation.ts';

export const FLEET = 'local';

/** Creates or updates the fleet of the Envoy on this machine, and creates a token for its agent. */
export async function prepareFleet(operator: Remote, installation: Installation): Promise<void> {
  const { options, folder, credentials } = installation;
  const wanted = {
    labels: { ingress: 'public' },
    ports: [
      { number: 80, bind: options.http, protocol: 'HTTP' as const },
      { number: 443, bind: options.https, protocol: 'HTTPS' as const },
    ],
    address: options.address,
    // The demo's services listen on loopback addresses. A fleet that serves several tenants must not send requests
    // there.
    denyDestinations: [],
  };
  const path = { fleet: FLEET };
  const found = await operator.GET('/v1/fleets/{fleet}', { params: { path } });
  if (found.response.status === 404) {
    accepted('Making the fleet', await operator.POST('/v1/fleets', { body: { name: FLEET, ...wanted } }));
  } else {
    const fleet = accepted('Reading the fleet', found);
    // Every change of a fleet makes its agents read a snapshot, so nothing is written when nothing differs.
    if (differs(fleet, wanted)) {
      accepted('Changing the fleet', await operator.PATCH('/v1/fleets/{fleet}', { params: { path }, body: wanted }));
    }
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
