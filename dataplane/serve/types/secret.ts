import { hasAutomatic } from '../../../model/automatic-certificates.ts';
import { certificateFor, scopeTable } from '../../../model/binding/scope-table.ts';
import { patternsCovering } from '../../../model/values/host.ts';
import * as compile from '../../compile/index.ts';
import { Secret } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import type { XdsResource } from '../../xds/resource.ts';
import type { Client } from '../client.ts';
import { wrapped } from '../encode.ts';
import { reasonOf } from '../failure.ts';
import type { CertificatePair } from '../state/certificate-pairs.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { isAutomatic, issuedFor, issuedPair } from '../state/issued-certificates.ts';
import { pairOf, resourceSecret, SECRET_URL, versionOf } from '../state/resource-secrets.ts';
import { systemRoots } from '../state/system-roots.ts';
import { type OwnedResource, orAbsent, reporting, type Source, type TypeHandlers, type XdsType } from '../type.ts';

const url = SECRET_URL;

/**
 * Encodes a certificate and its private key for Envoy.
 *
 * @param serverName the name that Envoy requested, in the case in which the client wrote it
 */
export function encodeSecret(serverName: string, pair: CertificatePair): XdsResource {
  const message = compile.serverCertificate(serverName, pair.certificateChain, pair.privateKey);
  return { name: serverName, version: pair.version, body: wrapped(url, Secret.encode(message).finish()) };
}

/**
 * Secrets. Envoy requests the certificate of a server name (SNI) at the first TLS handshake with that name. It requests
 * the secrets that other resources name when it receives such a resource.
 */
export const secret: XdsType = {
  id: 'secret',
  url,
  isWholeState: false,
  servedTo: { edge: true, sidecar: true, proxyless: false },
  pace: { batch: 1, window: 128 },
  isConfidential: true,
  owner: (state, name) => (compile.secretSource(name) ?? holder(state, name))?.tenant,
  find,
  versionIn,
  partsIn: ({ configuration, owner, fleet }, name) => {
    const source = compile.secretSource(name);
    if (source) return { kind: source.kind, names: [source.name] };
    const host = hostOf(name);
    const credential = host === undefined ? undefined : certificateFor(scopeTable(configuration, owner, fleet), host);
    return { kind: 'certificate', names: credential === undefined ? [] : [credential] };
  },
  // Decrypting a private key costs as much as all other work of a change, so unchanged certificates are skipped.
  isChangedBy: ({ certificates, transition }) =>
    certificates ||
    !transition?.before ||
    !transition.after ||
    compile.mayChangeSecrets(transition.before, transition.after),
  open,
};

function open(client: Client): TypeHandlers {
  const { catalog, owners, reports, secrets, serverNames } = client;
  const clustersFail = (name: string, reason: string): void => {
    for (const cluster of secrets.users(name))
      client.clusterFailed(cluster, `needs the secret ${name}, which ${reason}`);
  };
  const shared = reporting(client, secret);
  return {
    ...shared,
    target: (name) => {
      if (serverNames.isRemoved(name)) return 'absent';
      const source = compile.secretSource(name);
      const isNamed = source !== undefined || name === compile.SYSTEM_ROOTS;
      const found = isNamed || client.view.terminatesTls ? catalog.get(secret, name) : undefined;
      // The name of a resource's secret contains its owner, so the owner is known even while the secret is missing. The
      // secret can then be sent as soon as the replica has it.
      // So is the owner of a host that has no automatic certificate yet.
      const owner = found?.tenant ?? source?.tenant ?? (isNamed ? undefined : awaitingOwner(catalog.state, name));
      if (owner !== undefined) owners.own(secret, name, owner);
      else owners.forget(secret, name);
      const isHost = isNamed || owner === undefined || catalog.state.isSecuredHost(name);
      if (isHost) serverNames.forget(name);
      else serverNames.keep(name, owner);
      return orAbsent(catalog.state, found?.resource);
    },
    nacked: (name, _resource, entries, message) => {
      reports.rejected(secret, name, entries, message);
      // Envoy may quote the secret in its message, so the message is not passed on.
      clustersFail(name, 'is rejected');
    },
    failed: (name, entries, error) => {
      reports.failed(secret, name, entries, error);
      clustersFail(name, `could not be sent: ${reasonOf(error)}`);
      return undefined;
    },
    acked: (name, resource, entries) => {
      shared.acked(name, resource, entries);
      if (!resource) serverNames.acknowledged(name);
    },
    sent: (name) => {
      for (const cluster of secrets.users(name)) client.clusterSent(cluster);
    },
    subscribed: (name) => serverNames.forget(name),
    unsubscribed: (name) => serverNames.forget(name),
    closed: () => serverNames.close(),
    // A renewed certificate is sent for the hosts of the configuration first. Clients choose how many other names there
    // are.
    changed: (change, entry) => {
      if (!secret.isChangedBy(change)) return;
      for (const name of owners.names(secret, change.tenant))
        if (!serverNames.has(name)) client.lane('secret').mark(name, entry);
    },
  };
}

/**
 * Builds a secret.
 *
 * @param name a server name as the client wrote it, or the name of a secret that is built from a resource
 * @throws Error when the replica has no private key for the certificate
 */
function find(state: FleetState, name: string): OwnedResource | undefined {
  const source = compile.secretSource(name);
  if (source) return resourceSecret(state, source, name);
  if (name === compile.SYSTEM_ROOTS) return systemRoots();
  const found = holder(state, name);
  const tenant = found && state.tenants.get(found.tenant);
  if (!found || !tenant || !state.fleet) return undefined;
  const { host, tenant: owner } = found;
  const credential = certificateFor(scopeTable(tenant.configuration, owner, state.fleet), host);
  const certificate = credential === undefined ? undefined : tenant.configuration.get('certificate', credential);
  if (credential === undefined || !certificate) return undefined;
  const pair =
    certificate.certificateChain === undefined
      ? issuedPair(state, owner, tenant, host)
      : pairOf(state, owner, credential, certificate.certificateChain);
  return pair && { resource: encodeSecret(name, pair), tenant: owner };
}

const hostOf = (name: string): string | undefined => compile.parseSecretName(name)?.serverName.toLowerCase();

function holder(state: FleetState, name: string): { host: string; tenant: string } | undefined {
  const host = hostOf(name);
  const tenant = host === undefined ? undefined : state.certificateHolder([...patternsCovering(host)]);
  return host === undefined || tenant === undefined ? undefined : { host, tenant };
}

/** Returns the version without decrypting the private key: a certificate chain determines its key. */
function versionIn(source: Source, name: string): string | undefined {
  if (compile.secretSource(name)) return versionOf(source, name);
  const { configuration, owner, fleet } = source;
  const host = hostOf(name);
  const credential = host === undefined ? undefined : certificateFor(scopeTable(configuration, owner, fleet), host);
  if (host === undefined || credential === undefined) return undefined;
  const content = isAutomatic(source, credential)
    ? issuedFor(source, host)?.version
    : configuration.get('certificate', credential)?.certificateChain;
  return JSON.stringify([credential, content]);
}

/** Returns the tenant whose automatic certificate the name will get; undefined when it waits for none. */
function awaitingOwner(state: FleetState, name: string): string | undefined {
  const found = holder(state, name);
  const tenant = found && state.tenants.get(found.tenant);
  return tenant && hasAutomatic(tenant.configuration) ? found.tenant : undefined;
}
