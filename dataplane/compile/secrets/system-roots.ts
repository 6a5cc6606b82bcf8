import type { Secret } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import { certificateAuthorities } from './certificate-authorities.ts';

/**
 * The name of the secret with the root certificates of the agent's machine. It belongs to no tenant. No server name and no
 * secret of a resource has this name.
 */
export const SYSTEM_ROOTS = 'roots/system';

/** Builds the secret with these root certificates. @param certificates PEM */
export const systemRoots = (certificates: string): Secret => ({
  name: SYSTEM_ROOTS,
  type: certificateAuthorities.content({ certificates }, () => ''),
});
