import type { HostPattern } from '../values/host.ts';
import type { Admission } from './server-hosts.ts';

/**
 * Gives TLS profiles to hosts that have different certificates on different ports. In the default filter chain, Envoy
 * requests a certificate by the server name alone: there it gets the one of the lowest port. On every other port with
 * another certificate, the host has a profile that names its certificate.
 *
 * @param all the admissions by port; the function changes them
 */
export function separateCertificates(all: ReadonlyMap<number, ReadonlyMap<HostPattern, Admission>>): void {
  const ports = [...all.keys()].filter((port) => hasCertificates(all.get(port)!)).sort((a, b) => a - b);
  if (ports.length < 2) return;
  const requested = new Map<HostPattern, string>();
  for (const port of ports)
    for (const [host, admission] of all.get(port)!) {
      const { credentialName, decryption, profile } = admission;
      if (credentialName === undefined) continue;
      const first = requested.get(host);
      if (first === undefined) requested.set(host, credentialName);
      if (first === undefined || first === credentialName) continue;
      const own = decryption ? decryption.profile : profile;
      if (own?.credentialNames) continue;
      const apart = { ...own, credentialNames: [credentialName] };
      if (decryption) admission.decryption = { profile: apart };
      else admission.profile = apart;
    }
}

/** Whether any host has a certificate. On a port for HTTPS, nearly every host has one. */
function hasCertificates(onPort: ReadonlyMap<HostPattern, Admission>): boolean {
  for (const { credentialName } of onPort.values()) if (credentialName !== undefined) return true;
  return false;
}
