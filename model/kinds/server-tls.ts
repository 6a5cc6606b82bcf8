import { z } from 'zod';
import { parseReference, ReferenceText } from '../values/reference.ts';
import { evenIfInvalid, isObject } from '../values/refine.ts';
import { sparse } from '../values/sparse.ts';
import {
  ApplicationProtocol,
  CipherSuite,
  DEFAULT_VERSIONS,
  isForOldVersions,
  isOlder,
  SubjectAltName,
  TlsVersion,
} from '../values/tls.ts';
import type { ReferencePlace } from './definition.ts';

const TlsMode = z
  .enum(['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL', 'PASSTHROUGH', 'AUTO_PASSTHROUGH'])
  .describe(
    '`SIMPLE`: the server shows its certificate, the client shows none. `MUTUAL`: every client must show a certificate that `caCertificates` verifies; the handshake of any other client fails. `OPTIONAL_MUTUAL`: a client may show none, but the one that it shows must be valid. What is known about a client’s certificate reaches the upstream in `x-forwarded-client-cert`, which no client can set itself. With protocol TLS, what decrypted connections carry is forwarded by the `tls` rules of routes, or by their `tcp` rules. `PASSTHROUGH`: connections are not decrypted; the `tls` rules of routes choose the upstream by server name, and the upstream shows its own certificate. `AUTO_PASSTHROUGH`: the same for connections from another gateway, without routes. The server name is `upstream.domain` or `subset.upstream.domain` for a host `*.domain` of the server, and names an upstream of this tenant; any other connection is closed.',
  );

/** The TLS settings of a server. */
export const ServerTls = sparse
  .strictObject({
    mode: TlsMode.optional(),
    credentialName: ReferenceText.optional().describe('A certificate of the same tenant. Not with `PASSTHROUGH`.'),
    credentialNames: z
      .array(ReferenceText)
      .length(2)
      .optional()
      .describe(
        'In place of `credentialName`: two certificates of the same tenant for the same hosts, one with an RSA key and one with an ECDSA key. Each client gets the one that it can verify.',
      ),
    httpsRedirect: z
      .boolean()
      .optional()
      .describe(
        'Only for HTTP servers, where no other TLS setting is possible: every request to the hosts of this server gets a 301 to https, whether or not a route is bound. The redirect names port 443, which is not written, or the port of the HTTPS server of the same host.',
      ),
    sameServerOnly: z
      .literal(true)
      .optional()
      .describe(
        'A request gets 421 unless the server name of its connection belongs to this server. Otherwise a connection for a host of another server may carry it, if the certificate of the connection covers the host too and both servers have the same TLS settings.',
      ),
    caCertificates: ReferenceText.optional().describe(
      'A trust bundle of the same tenant: the CAs that verify clients’ certificates. Only with `MUTUAL` and `OPTIONAL_MUTUAL`, which need it.',
    ),
    subjectAltNames: z
      .array(SubjectAltName)
      .min(1)
      .max(100)
      .optional()
      .describe(
        'A client’s certificate must have at least one of these names: DNS names, URIs such as `spiffe://mesh/ns/shop`, e-mail addresses or IP addresses, compared as a whole. Absent: the CAs alone decide.',
      ),
    acceptUntrusted: z
      .literal(true)
      .optional()
      .describe(
        'Only with `OPTIONAL_MUTUAL`: a client whose certificate the CAs do not verify is accepted too. Upstreams then get no `x-forwarded-client-cert` from this server, because they could not tell a verified client from another.',
      ),
    minProtocolVersion: TlsVersion.optional().describe(
      'The oldest version that is accepted; default TLSV1_2. TLSV1_0 and TLSV1_1 also need one of the `cipherSuites` whose names end in `-SHA`.',
    ),
    maxProtocolVersion: TlsVersion.optional().describe('The newest version that is offered; default TLSV1_3.'),
    cipherSuites: z
      .array(CipherSuite)
      .min(1)
      .max(CipherSuite.options.length)
      .optional()
      .describe(
        'The cipher suites for TLS 1.2 and older, the preferred one first. TLS 1.3 has its own, which are always offered.',
      ),
    alpn: z
      .array(ApplicationProtocol)
      .min(1)
      .max(ApplicationProtocol.options.length)
      .optional()
      .describe(
        'The application protocols that are offered, the preferred one first; default h2, http/1.1, and none with protocol TLS.',
      ),
  })
  .superRefine((tls, context) => {
    for (const { field, code, message } of wrongIn(tls))
      context.addIssue({ code: 'custom', path: [field], message, params: { code } });
  }, evenIfInvalid(isObject))
  .meta({ id: 'ServerTls', example: { mode: 'SIMPLE', credentialName: 'bookinfo' } });
export type ServerTls = z.infer<typeof ServerTls>;

/** Whether a server asks its clients for a certificate. */
export const asksForCertificate = ({ mode }: Pick<ServerTls, 'mode'>): boolean =>
  mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL';

interface Wrong {
  field: string;
  code: string;
  message: string;
}

/** Finds the fields that contradict each other, or that would have no effect. Input may have any shape. */
function* wrongIn(tls: Partial<Record<keyof ServerTls, unknown>>): Generator<Wrong> {
  const isPlain = tls.httpsRedirect !== undefined;
  if (!isPlain && (tls.mode === 'PASSTHROUGH' || tls.mode === 'AUTO_PASSTHROUGH')) {
    for (const field of Object.keys(tls).filter((each) => each !== 'mode'))
      yield { field, code: 'without-effect', message: `${tls.mode} leaves the handshake to the upstream` };
    return;
  }
  if (isPlain)
    for (const field of Object.keys(tls) as (keyof ServerTls)[])
      if (field !== 'httpsRedirect' && tls[field] !== undefined)
        yield {
          field,
          code: 'conflicting-fields',
          message: 'has no effect with httpsRedirect, which is for HTTP servers',
        };
  if (!isPlain) {
    if (tls.mode === undefined)
      yield { field: 'mode', code: 'required', message: `is required: ${TlsMode.options.join(', ')}` };
    if (tls.credentialName === undefined && tls.credentialNames === undefined)
      yield { field: 'credentialName', code: 'required', message: 'is required (string)' };
    else if (tls.credentialName !== undefined && tls.credentialNames !== undefined)
      yield { field: 'credentialNames', code: 'conflicting-fields', message: 'excludes credentialName' };
  }
  const mode = TlsMode.safeParse(tls.mode).data;
  if (mode && asksForCertificate({ mode })) {
    if (tls.caCertificates === undefined)
      yield { field: 'caCertificates', code: 'required', message: `${mode} needs the CAs that verify clients` };
  } else if (mode)
    for (const field of ['caCertificates', 'subjectAltNames'] as const)
      if (tls[field] !== undefined)
        yield {
          field,
          code: 'without-effect',
          message: `${mode} asks no client for a certificate; use MUTUAL or OPTIONAL_MUTUAL`,
        };
  if (tls.acceptUntrusted !== undefined && mode && mode !== 'OPTIONAL_MUTUAL')
    yield { field: 'acceptUntrusted', code: 'without-effect', message: 'is only for OPTIONAL_MUTUAL' };
  yield* wrongVersions(tls);
  for (const field of ['cipherSuites', 'alpn', 'subjectAltNames', 'credentialNames'] as const) {
    const list = tls[field];
    if (Array.isArray(list) && new Set(list).size < list.length)
      yield { field, code: 'duplicate', message: 'names something twice' };
  }
}

function* wrongVersions(tls: Partial<Record<keyof ServerTls, unknown>>): Generator<Wrong> {
  const given = {
    min: TlsVersion.optional().safeParse(tls.minProtocolVersion).data,
    max: TlsVersion.optional().safeParse(tls.maxProtocolVersion).data,
  };
  const min = given.min ?? DEFAULT_VERSIONS.min;
  const max = given.max ?? DEFAULT_VERSIONS.max;
  if (isOlder(max, min)) {
    const [field, message] = given.max
      ? ['maxProtocolVersion', `is older than the oldest accepted version, ${min}`]
      : ['minProtocolVersion', `is newer than the newest offered version, ${max}`];
    yield { field: field!, code: 'version-order', message: message! };
    return;
  }
  const suites = z.array(CipherSuite).optional().safeParse(tls.cipherSuites);
  if (!suites.success) return;
  if (suites.data && !isOlder(min, 'TLSV1_3'))
    yield {
      field: 'cipherSuites',
      code: 'without-effect',
      message: 'are for TLS 1.2 and older, which minProtocolVersion excludes',
    };
  if (isOlder(min, 'TLSV1_2') && !suites.data?.some(isForOldVersions))
    yield {
      field: 'cipherSuites',
      code: 'required',
      message: `${min} needs a suite that TLS 1.0 and 1.1 know, such as ECDHE-RSA-AES128-SHA`,
    };
}

/** The names of the server's certificates, the first one for clients that can verify all of them. */
export const credentialsOf = ({ credentialName, credentialNames }: ServerTls): readonly string[] =>
  credentialNames ?? (credentialName === undefined ? [] : [credentialName]);

/** The certificates that the server refers to, each with a JSON pointer inside its `tls`. */
export const certificatesOf = ({ credentialName, credentialNames = [] }: ServerTls): ReferencePlace[] => [
  ...(credentialName === undefined ? [] : [{ ...parseReference(credentialName), path: '/credentialName' }]),
  ...credentialNames.map((name, index) => ({ ...parseReference(name), path: `/credentialNames/${index}` })),
];

/** The trust bundles that the server refers to, each with a JSON pointer inside its `tls`. */
export const trustBundlesOf = ({ caCertificates }: ServerTls): ReferencePlace[] =>
  caCertificates === undefined ? [] : [{ ...parseReference(caCertificates), path: '/caCertificates' }];
