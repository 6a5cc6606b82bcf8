import type { Configuration } from '../../../model/configuration.ts';
import type { Kind } from '../../../model/kinds/index.ts';
import type { Secret } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import { parseResourceSecretName } from '../values/names.ts';
import { secretKinds } from './kinds.ts';

/** The resource from which a secret is built. */
export interface SecretSource {
  tenant: string;
  kind: Kind;
  name: string;
}

/**
 * Returns the resource from which a secret is built, whether or not it exists.
 *
 * @param name the name of the secret, as `resourceSecretName` writes it
 * @returns undefined for other names, and for kinds of secrets that do not exist
 */
export function secretSource(name: string): SecretSource | undefined {
  const parsed = parseResourceSecretName(name);
  const known = parsed && secretKinds.get(parsed.kind);
  return known && { tenant: parsed.tenant, kind: known.from, name: parsed.name };
}

/** Returns whether a secret may change from one configuration of a tenant to the other. */
export const mayChangeSecrets = (before: Configuration, after: Configuration): boolean =>
  [...secretKinds.values()].some(({ from }) => !before.shares(from, after));

/**
 * Builds a secret that a cluster, a filter chain or a policy names.
 *
 * @param name the name of the secret, as `resourceSecretName` writes it
 * @param privateKey decrypts the private key of a resource of the tenant, by the name of the resource
 * @returns undefined when the configuration does not have the resource
 */
export function resourceSecret(
  configuration: Configuration,
  name: string,
  privateKey: (resource: string) => string,
): Secret | undefined {
  const parsed = parseResourceSecretName(name);
  const known = parsed && secretKinds.get(parsed.kind);
  const spec = known && configuration.get(known.from, parsed.name);
  if (!spec) return undefined;
  return { name, type: known.content(spec, () => privateKey(parsed.name)) };
}
