import { createPrivateKey, hash, X509Certificate } from 'node:crypto';
import { certificateFor, scopeTable } from '../../../model/binding/scope-table.ts';
import { canonicalChain } from '../../../model/kinds/certificate.ts';
import { patternsCovering } from '../../../model/values/host.ts';
import * as compile from '../../compile/index.ts';
import { typeUrl } from '../../envoy/any.ts';
import { Secret } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import type { XdsResource } from '../../xds/resource.ts';
import { wrapped } from '../encode.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { type Answer, orAbsent, reporting, type Source, type XdsType } from '../type.ts';

const url = typeUrl('envoy.extensions.transport_sockets.tls.v3.Secret');

/**
 * Encodes a certificate and its private key for Envoy.
 *
 * @param serverName the name that Envoy asked for, in the client's own case
 * @returns undefined when the key does not belong to the certificate, because Envoy would reject the pair and leave the
 *   handshake hanging
 */
export function encodeSecret(serverName: string, chain: string, privateKey: string): XdsResource | undefined {
  // Older certificates were stored as written, before the API normalized them.
  const certificateChain = canonicalChain(chain);
  if (!new X509Certificate(certificateChain).checkPrivateKey(createPrivateKey(privateKey))) return undefined;
  const message = compile.secret(serverName, certificateChain, privateKey);
  const version = hash('sha256', certificateChain, 'base64url').slice(0, 16);
  return { name: serverName, version, body: wrapped(url, Secret.encode(message).finish()) };
}

/** Certificates. Envoy asks for each by the server name (SNI), at the first TLS handshake with that name. */
export const secret: XdsType = {
  id: 'secret',
  url,
  isWholeState: false,
  servedTo: { edge: true, proxyless: false },
  pace: { batch: 1, window: 128 },
  isConfidential: true,
  owner: (fleet, name) => holder(fleet, name)?.tenant,
  answer,
  versionIn,
  partsIn: ({ configuration, owner, fleet }, name) => {
    const host = hostOf(name);
    const credential = host === undefined ? undefined : certificateFor(scopeTable(configuration, owner, fleet), host);
    return { kind: 'certificate', names: credential === undefined ? [] : [credential] };
  },
  // Decrypting a private key costs as much as all other work of a change, so unchanged certificates are skipped.
  isChangedBy: ({ certificates }) => certificates,
  open: (client) => ({
    ...reporting(client, secret),
    target: (name) => {
      const { owners, answers } = client;
      const found = answers.get(secret, name);
      if (found?.tenant !== undefined) owners.own(secret, name, found.tenant);
      else owners.forget(secret, name);
      return orAbsent(answers.fleet, found?.resource);
    },
  }),
};

/**
 * Builds the certificate for a server name.
 *
 * @param name the server name as the client wrote it
 * @throws Error when the replica has no private key for the certificate
 */
function answer(fleet: FleetState, name: string): Answer | undefined {
  const found = holder(fleet, name);
  const tenant = found && fleet.tenants.get(found.tenant);
  if (!found || !tenant || !fleet.description) return undefined;
  const { host, tenant: owner } = found;
  const credential = certificateFor(scopeTable(tenant.configuration, owner, fleet.description), host);
  const certificate = credential === undefined ? undefined : tenant.configuration.get('certificate', credential);
  const sealed = credential === undefined ? undefined : fleet.replica.sealedKey(owner, credential);
  if (!certificate) return undefined;
  if (!sealed) throw new Error('the private key of the certificate did not come from the API, which logs why');
  const key = fleet.seal.open(sealed, `${owner}/${credential}`);
  const resource = encodeSecret(name, certificate.certificateChain, key);
  return resource && { resource, tenant: owner };
}

const hostOf = (name: string): string | undefined => compile.parseSecretName(name)?.serverName.toLowerCase();

function holder(fleet: FleetState, name: string): { host: string; tenant: string } | undefined {
  const host = hostOf(name);
  const tenant = host === undefined ? undefined : fleet.certificateHolder([...patternsCovering(host)]);
  return host === undefined || tenant === undefined ? undefined : { host, tenant };
}

/** Returns the version without decrypting the private key: a certificate chain determines its key. */
function versionIn({ configuration, owner, fleet }: Source, name: string): string | undefined {
  const host = hostOf(name);
  const credential = host === undefined ? undefined : certificateFor(scopeTable(configuration, owner, fleet), host);
  if (credential === undefined) return undefined;
  return JSON.stringify([credential, configuration.get('certificate', credential)?.certificateChain]);
}
