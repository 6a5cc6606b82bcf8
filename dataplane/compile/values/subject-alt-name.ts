import { parseIp } from '../../../model/values/address.ts';
import {
  SubjectAltNameMatcher_SanType as SanType,
  SubjectAltNameMatcher,
} from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/common.ts';

/** Builds the condition that a certificate has a name: an IP address, a URI, an e-mail address or a DNS name. */
export function nameMatcher(name: string): SubjectAltNameMatcher {
  const address = parseIp(name);
  const value = address ? address.toString() : name;
  return SubjectAltNameMatcher.fromPartial({
    sanType: address ? SanType.IP_ADDRESS : typeOf(name),
    matcher: { matchPattern: { $case: 'exact', value } },
  });
}

function typeOf(name: string): SanType {
  // A URI has a scheme (RFC 3986 §3.1). Neither host names nor mailboxes contain a colon.
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(name)) return SanType.URI;
  return name.includes('@') ? SanType.EMAIL : SanType.DNS;
}
