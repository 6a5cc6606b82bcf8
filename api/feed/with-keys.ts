import { secretsOf } from '../../model/kinds/index.ts';
import type { FeedPut } from '../../wire/feed.ts';
import { keyContext } from '../secrets/contexts.ts';
import type { StoredResource } from '../store/configuration.ts';
import type { EventSources } from './event-sources.ts';

/**
 * Adds the decrypted private key to each resource that refers to one. It decrypts only the keys to which these
 * resources refer.
 *
 * If a key cannot be decrypted, the resource is sent without it and the API logs an error. The agent then reports a
 * fault for this resource, and still serves all other resources.
 */
export async function withKeys(
  { store, sealer, log }: EventSources,
  tenant: string,
  resources: readonly StoredResource[],
): Promise<FeedPut[]> {
  const ids = resources.flatMap((resource) => secretsOf(resource.kind, resource.info).map(([, id]) => id));
  const keys = new Map<string, string>();
  if (ids.length > 0)
    for (const sealedKey of await store.keys.find(tenant, [...new Set(ids)]))
      try {
        keys.set(sealedKey.id, await sealer.open(sealedKey, keyContext(tenant, sealedKey.id)));
      } catch (err) {
        log.error(
          { tenant, publicKeySha256: sealedKey.id, sealingKey: sealedKey.keyId, err },
          'a private key cannot be decrypted with GATEHOUSE_SEALING_KEYS',
        );
      }
  return resources.map((resource) => {
    const { kind, name, spec, info } = resource;
    const put: Record<string, unknown> = { kind, name, spec };
    for (const [field, id] of secretsOf(kind, info)) if (keys.has(id)) put[field] = keys.get(id);
    return put as unknown as FeedPut;
  });
}
