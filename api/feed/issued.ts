import type { IssuedName } from '../../wire/feed.ts';
import { keyContext } from '../secrets/contexts.ts';
import type { IssuedRow } from '../store/automatic.ts';
import type { StoredResource } from '../store/configuration.ts';
import type { Fleet } from '../store/fleets.ts';
import type { EventSources } from './event-sources.ts';
import { type ChangedResources, forFleet, type Step } from './for-fleet.ts';

/**
 * Reads what agents of a fleet get about automatic certificates in an event, as it is now. An event that is lost or
 * repeated therefore does no harm.
 *
 * @param puts the resources in the event: with a certificate, the fleet gets everything that was obtained for it
 * @param names the names whose certificates or challenges may have changed
 * @param all returns all resources of the tenant, to find out which certificates the fleet may see
 */
export async function issuedIn(
  sources: EventSources,
  fleet: Fleet,
  { tenant, base, revision }: Pick<Step, 'tenant' | 'base' | 'revision'>,
  puts: ChangedResources['puts'],
  names: readonly string[],
): Promise<{ issued?: IssuedName[] }> {
  const { store } = sources;
  const certificates = automaticIn(puts);
  const ofPuts = certificates.length > 0 ? await store.automatic.ofCertificates(tenant, certificates) : [];
  const others = base === 0 ? [] : names.filter((name) => ofPuts.every((row) => row.name !== name));
  if (others.length === 0) return ofPuts.length === 0 ? {} : { issued: await withKeys(sources, tenant, ofPuts) };
  const all = await store.configuration.resources(tenant, revision);
  const seen = new Set(automaticIn(forFleet(fleet, tenant, { puts: all, deletes: [] }, all).puts));
  const ofNames = (await store.automatic.ofNames(tenant, others)).filter(({ certificate }) => seen.has(certificate));
  const gone = others.filter((name) => ofNames.every((row) => row.name !== name)).map((name) => ({ name }));
  return { issued: [...(await withKeys(sources, tenant, [...ofPuts, ...ofNames])), ...gone] };
}

/** Returns what agents answer to the authority: nothing to a challenge that a record in the DNS answers. */
function challengeOf(
  method: string | null,
  token: string | null,
  answer: string | null,
): Pick<IssuedName, 'challenge'> {
  if (answer === null || method === 'DNS-01') return {};
  if (method === 'TLS-ALPN-01') return { challenge: { keyAuthorization: answer } };
  return token === null ? {} : { challenge: { token, keyAuthorization: answer } };
}

/** Returns the names of the certificates with `acme`. */
const automaticIn = (resources: readonly StoredResource[]): string[] =>
  resources.flatMap((each) => (each.kind === 'certificate' && each.spec.acme !== undefined ? each.name : []));

/**
 * Adds the decrypted private keys. If one cannot be decrypted, the name is sent without it and the API logs an error.
 */
async function withKeys(
  { store, sealer, log }: EventSources,
  tenant: string,
  rows: readonly IssuedRow[],
): Promise<IssuedName[]> {
  const ids = rows.flatMap(({ key }) => key ?? []);
  const sealed = new Map((ids.length > 0 ? await store.keys.find(tenant, ids) : []).map((each) => [each.id, each]));
  return Promise.all(
    rows.map(async ({ name, chain, key, method, token, answer }) => {
      const stored = sealed.get(key ?? '');
      const privateKey =
        stored &&
        (await sealer.open(stored, keyContext(tenant, stored.id)).catch((err: unknown) => {
          log.error({ tenant, name, err }, 'the private key of an automatic certificate cannot be decrypted');
          return undefined;
        }));
      return {
        name,
        ...(chain !== null && { certificateChain: chain }),
        ...(privateKey !== undefined && { privateKey }),
        ...challengeOf(method, token, answer),
      };
    }),
  );
}
