/** Reads the target of a request, and other URLs, as Envoy's HTTP/1.1 codec does. */
import { parseIp } from '../values/address.ts';
import { AFTER_COLON } from '../values/host.ts';
import { type EdgeRejection, rejection } from './rejection.ts';

/** RFC 3986 §3.2, without the characters that Envoy does not accept in a host. */
const AUTHORITY = /^[A-Za-z0-9._~%!$&'()*+,;=:@[\]-]*$/;

/** An absolute URL. Envoy accepts `@` in front of the host, but no user name. */
const URL = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/@?([^/?]*)([/?].*)?$/;

/**
 * Reads the request target, which is a path or an absolute URL (RFC 9112 §3.2).
 *
 * @param target without blanks around it
 * @param authority the Host header
 * @param removesHost whether the Connection header names the Host header
 * @param scheme the scheme of the connection
 * @returns the path with its query, and the authority from the URL or from the Host header
 */
export function targetOf(
  target: string,
  authority: string,
  removesHost: boolean,
  scheme: 'http' | 'https',
): { path: string; authority: string } | EdgeRejection {
  if (!/^[\x21-\x7e]+$/.test(target))
    return rejection(400, 'the path holds a space, a control character or one outside ASCII, which must be escaped');
  if (!AUTHORITY.test(authority)) return rejection(400, 'the authority holds a character that no host has');
  if (!AFTER_COLON.test(authority))
    return rejection(400, 'the Host header has something other than a port after its host');
  const url = /^(https?):\/\/(?:[^/?#@]*@)?([^/?#]*)(.*)$/i.exec(target);
  if (url && !isHost(url[2]!)) return rejection(400, 'the URL has a host or port that Envoy does not read');
  if (!url && !target.startsWith('/')) return rejection(400, 'the path does not begin with a slash');
  const [, named = scheme, host = removesHost ? '' : authority, path = target] = url ?? [];
  if (named.toLowerCase() === 'https' && scheme === 'http')
    return rejection(403, 'the URL says https, but the connection is http');
  if (target.includes('#')) return { ...rejection(400, 'the path holds a fragment (#)'), isLate: true };
  if (path.startsWith('?')) return rejection(404, 'the URL has no path');
  if (/%00/.test(path.replace(/\?.*/, '')))
    return { ...rejection(400, 'the path holds an escaped NUL (%00)'), isLate: true };
  return { path: path === '' ? '/' : path, authority: host };
}

/**
 * Whether Envoy keeps a Referer header: a relative reference (RFC 3986 §4.2), or an absolute URL without user name and
 * fragment.
 *
 * @param referer the value, without blanks around it
 * @example isReferer('https://shop.example/cart?x=1') // true
 */
export function isReferer(referer: string): boolean {
  // Without a slash in front of it, a colon ends a scheme.
  if (!/^[^/]*:/.test(referer)) return /^[A-Za-z0-9._~%!$&'()*+,;=:@/?-]*$/.test(referer);
  const [, , host, rest = ''] = URL.exec(referer) ?? [];
  if (host === undefined || !isHost(host)) return false;
  // Envoy accepts fragments only if they are empty.
  return /^[\x21\x22\x24-\x7e]*#*$/.test(rest);
}

/** Whether Envoy accepts a text as the host and port of a URL. */
function isHost(text: string): boolean {
  const [, host, address, port = '0'] = /^(?:([A-Za-z0-9.-]+)|\[([0-9A-Fa-f:.]+)\])(?::(\d+))?$/.exec(text) ?? [];
  if (host === undefined && (address === undefined || !parseIp(address))) return false;
  return Number(port) <= 65_535;
}
