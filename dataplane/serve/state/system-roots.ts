import { hash } from 'node:crypto';
import { getCACertificates } from 'node:tls';
import * as compile from '../../compile/index.ts';
import { Secret } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import { wrapped } from '../encode.ts';
import type { OwnedResource } from '../type.ts';
import { SECRET_URL } from './resource-secrets.ts';

let found: OwnedResource | undefined;

/**
 * Builds the secret with the root certificates of this machine. It reads them once, when the first client needs them.
 *
 * @returns undefined when the machine has none; endpoints are then not trusted
 */
export function systemRoots(): OwnedResource | undefined {
  // A folder of roots contains most of them several times.
  const certificates = found ? '' : [...new Set(getCACertificates('system'))].join('\n');
  if (certificates !== '')
    found = {
      resource: {
        name: compile.SYSTEM_ROOTS,
        version: hash('sha256', certificates, 'base64url').slice(0, 16),
        body: wrapped(SECRET_URL, Secret.encode(compile.systemRoots(certificates)).finish()),
      },
      tenant: undefined,
    };
  return found;
}
