import { hash } from 'node:crypto';
import * as compile from '../../compile/index.ts';
import { typeUrl } from '../../envoy/any.ts';
import { Secret } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import { wrapped } from '../encode.ts';
import type { OwnedResource, Source } from '../type.ts';
import type { FleetState } from './fleet-state.ts';

export const SECRET_URL = typeUrl('envoy.extensions.transport_sockets.tls.v3.Secret');

/**
 * Builds a secret that is named after a resource of a tenant.
 *
 * @throws Error when the secret needs a private key that the replica does not have
 */
export function resourceSecret(
  state: FleetState,
  { tenant }: compile.SecretSource,
  name: string,
): OwnedResource | undefined {
  const found = state.source(tenant);
  if (!found) return undefined;
  const { configuration } = found.source;
  const message = compile.resourceSecret(configuration, name, (resource) => privateKey(state, tenant, resource));
  if (!message) return undefined;
  const version = hash('sha256', versionOf(found.source, name)!, 'base64url').slice(0, 16);
  return { resource: { name, version, body: wrapped(SECRET_URL, Secret.encode(message).finish()) }, tenant };
}

/**
 * Identifies the content without decrypting the private key: the rest of a resource determines its key.
 *
 * @returns undefined when the configuration does not have the resource
 */
export function versionOf({ configuration }: Source, name: string): string | undefined {
  const source = compile.secretSource(name);
  const spec = source && configuration.get(source.kind, source.name);
  return spec && JSON.stringify([name, spec]);
}

/** Decrypts the private key of a certificate. @throws Error when the replica does not have it */
export function privateKey(state: FleetState, tenant: string, resource: string): string {
  const sealed = state.replica.sealedKey(tenant, resource);
  if (!sealed) throw new Error('the private key of the certificate did not come from the API, which logs why');
  return state.seal.open(sealed, `${tenant}/${resource}`);
}
