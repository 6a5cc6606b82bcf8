import { hash } from 'node:crypto';
import * as compile from '../../compile/index.ts';
import { typeUrl } from '../../envoy/any.ts';
import { Secret } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import { wrapped } from '../encode.ts';
import type { OwnedResource, Source } from '../type.ts';
import type { CertificatePair } from './certificate-pairs.ts';
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

/**
 * Finds or reads a certificate with its private key.
 *
 * @param chain PEM, as it is stored
 * @returns undefined when the key does not belong to the certificate
 * @throws Error when the replica does not have the key, or the pair cannot be parsed
 */
export function pairOf(
  state: FleetState,
  tenant: string,
  resource: string,
  chain: string,
): CertificatePair | undefined {
  const sealed = sealedKey(state, tenant, resource);
  const id = `${tenant}/${resource}`;
  return state.certificates.get(id, chain, sealed, () => state.seal.open(sealed, id));
}

const privateKey = (state: FleetState, tenant: string, resource: string): string =>
  state.seal.open(sealedKey(state, tenant, resource), `${tenant}/${resource}`);

function sealedKey(state: FleetState, tenant: string, resource: string): Buffer {
  const sealed = state.replica.sealedKey(tenant, resource);
  if (!sealed) throw new Error('the private key of the certificate did not come from the API, which logs why');
  return sealed;
}
