import type { ServerProtocol } from '../values/protocol.ts';
import { isObject } from '../values/refine.ts';
import { isOlder, TlsVersion } from '../values/tls.ts';

/**
 * Finds the settings of a server that exclude HTTP/3. The fields may have any shape, because other fields may be invalid.
 *
 * @param protocol the protocol of the server, if it is a known one
 */
export function* wrongHttp3(
  { http3, tls }: { http3?: unknown; tls?: unknown },
  protocol: ServerProtocol | undefined,
): Generator<{ path: string[]; code: string; message: string }> {
  if (http3 !== true) return;
  const { mode, maxProtocolVersion } = isObject(tls) ? tls : {};
  if (protocol && protocol !== 'HTTPS')
    yield {
      path: ['http3'],
      code: 'without-effect',
      message: `an ${protocol} server has no HTTP/3; use protocol HTTPS`,
    };
  else if (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH')
    yield {
      path: ['http3'],
      code: 'conflicting-fields',
      message: `excludes ${mode}: only connections over TCP can be passed through`,
    };
  const newest = TlsVersion.safeParse(maxProtocolVersion).data;
  if (newest && isOlder(newest, 'TLSV1_3'))
    yield {
      path: ['tls', 'maxProtocolVersion'],
      code: 'conflicting-fields',
      message: 'excludes http3, which needs TLSV1_3 (RFC 9001 §4.2)',
    };
}
