import type { Scope } from '../../model/binding/scope-table.ts';
import { ESCAPED_SLASH } from '../../model/matching/path.ts';
import type { HeaderMatcher } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { Route } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { onFirstRoute } from './composite.ts';
import { COVERED, SERVER_NAME_HEADER, serverNamed } from './values/names.ts';

/**
 * The routes of a host that come before its rules: they answer requests on another host's connection, and paths that
 * rules must not see unchanged.
 */
export function firstRoutes({ protocol, host, escapedSlashes }: Scope): Route[] {
  return [
    ...(protocol === 'HTTPS' ? [misdirected(host)] : []),
    onlySlashes,
    ...(escapedSlashes === 'redirect' ? [redirected] : escapedSlashes === 'reject' ? [rejected] : []),
  ];
}

/**
 * RFC 9110 §15.5.20: the connection is for another host. One comparison lets nearly every request pass; on the others a
 * script asks whether the certificate that was presented covers the host. A client without a server name was shown the
 * certificate of `*`.
 */
const misdirected = (host: string): Route =>
  Route.fromPartial({
    name: 'misdirected',
    match: {
      pathSpecifier: { $case: 'prefix', value: '/' },
      headers: [
        ...(host === '*' ? [isNot(serverNamed(''))] : []),
        ...(host.startsWith('*') ? [] : [isNot(serverNamed(host))]),
        isNot(COVERED),
      ],
    },
    action: { $case: 'directResponse', value: { status: 421 } },
    ...onFirstRoute.connection,
  });

function isNot(value: string): HeaderMatcher {
  const stringMatch = { matchPattern: { $case: 'exact' as const, value }, ignoreCase: false };
  return {
    name: SERVER_NAME_HEADER,
    headerMatchSpecifier: { $case: 'stringMatch', value: stringMatch },
    invertMatch: true,
    // Without this, a request without the header would pass.
    treatMissingHeaderAsEmpty: true,
  };
}

const onlySlashes = Route.fromPartial({
  name: 'only-slashes',
  match: { pathSpecifier: { $case: 'path', value: '//' } },
  action: { $case: 'directResponse', value: { status: 400 } },
  ...onFirstRoute.slashes,
});

const withEscapedSlash = {
  pathSpecifier: { $case: 'safeRegex' as const, value: { regex: `.*${ESCAPED_SLASH.source}.*` } },
  // Paths without an escape skip the regular expression.
  headers: [
    {
      name: ':path',
      headerMatchSpecifier: {
        $case: 'stringMatch' as const,
        value: { matchPattern: { $case: 'contains' as const, value: '%' } },
      },
    },
  ],
};

const redirected = Route.fromPartial({
  name: 'escaped-slashes',
  match: withEscapedSlash,
  action: { $case: 'directResponse', value: { status: 400 } },
  ...onFirstRoute.escapedSlashes,
});

const rejected = Route.fromPartial({
  name: 'escaped-slashes',
  match: withEscapedSlash,
  action: { $case: 'directResponse', value: { status: 400 } },
});
