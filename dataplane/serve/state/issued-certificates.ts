import { hash } from 'node:crypto';
import { hasAutomatic } from '../../../model/automatic-certificates.ts';
import { patternsCovering } from '../../../model/values/host.ts';
import type { TenantEvent } from '../../feed/merge.ts';
import type { Source } from '../type.ts';
import type { CertificatePair } from './certificate-pairs.ts';
import type { FleetState } from './fleet-state.ts';

/** Stores the obtained certificates and the challenges of an event. */
export function storeIssued(state: FleetState, { tenant, issued }: Extract<TenantEvent, { type: 'tenant' }>): void {
  if (!issued) return;
  const { seal, replica, tenants } = state;
  for (const { name, certificateChain: chain, privateKey, challenge } of issued) {
    if (chain === undefined && challenge === undefined) {
      replica.issued.remove(tenant, name);
      continue;
    }
    // The API could not decrypt the key, and has logged that. The agent keeps the certificate that it has.
    if (chain !== undefined && privateKey === undefined) continue;
    const certificate =
      chain !== undefined && privateKey !== undefined
        ? { chain, key: seal.close(privateKey, issuedOwner(tenant, name)) }
        : undefined;
    const version = certificate ? hash('sha256', certificate.chain, 'base64url').slice(0, 16) : '';
    replica.issued.put(tenant, name, { certificate, version, challenge });
  }
  tenants.issue(tenant);
}

/** The text with which the agent seals the private key of an obtained certificate. No certificate has such a name. */
const issuedOwner = (tenant: string, name: string): string => `${tenant}/issued/${name}`;

/** Whether a certificate has `acme`: each host has one of its own, which `issuedFor` finds. */
export const isAutomatic = ({ configuration }: Pick<Source, 'configuration'>, certificate: string): boolean =>
  hasAutomatic(configuration) && configuration.get('certificate', certificate)?.acme !== undefined;

/**
 * Finds the certificate that the platform obtained for a server name.
 *
 * @returns its name, which is the host of a server, and its version; undefined while there is none
 */
export function issuedFor(
  { issued }: Pick<Source, 'issued'>,
  host: string,
): { name: string; version: string } | undefined {
  for (const name of patternsCovering(host)) {
    const version = issued.get(name);
    if (version !== undefined) return { name, version };
  }
  return undefined;
}

/**
 * Finds or reads a certificate that the platform obtained, with its private key.
 *
 * @returns undefined when there is none, or when the key does not belong to it
 */
export function issuedPair(
  state: FleetState,
  tenant: string,
  source: Pick<Source, 'issued'>,
  host: string,
): CertificatePair | undefined {
  const found = issuedFor(source, host);
  const certificate = found && state.replica.issued.find(tenant, found.name);
  if (!certificate) return undefined;
  const id = issuedOwner(tenant, found.name);
  return state.certificates.get(id, certificate.chain, certificate.key, () => state.seal.open(certificate.key, id));
}
