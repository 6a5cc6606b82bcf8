import { z } from 'zod';
import { Labels } from '../values/labels.ts';
import { describeLabel, encodePem, LARGEST_CERTIFICATE, type PemBlock, pemBlocks } from '../values/pem.ts';
import { evenIfInvalid, isObject } from '../values/refine.ts';
import { define } from './definition.ts';
import { EXAMPLE_CERTIFICATE } from './example-certificates.ts';

const MOST_CERTIFICATES = 10;

/** Stored in one format, so that equal certificates have equal text and operators can read them. */
const chain = z
  .string()
  .max(65_536, { abort: true })
  .superRefine((text, context) => {
    const wrong = wrongChain(pemBlocks(text));
    if (wrong) context.addIssue({ code: 'custom', ...wrong, continue: false });
  })
  .overwrite(canonicalChain)
  .describe(
    'PEM in any common form: the server’s certificate, then the intermediates. Stored and returned in one form, 64 columns wide, the server’s own first.',
  );

const privateKey = z
  .string()
  .max(16_384, { abort: true })
  .superRefine((text, context) => {
    const wrong = wrongKey(pemBlocks(text));
    if (wrong) context.addIssue({ code: 'custom', ...wrong });
  })
  .describe(
    'One PEM private key (PKCS#8, PKCS#1 or SEC 1), not encrypted. Sealed on arrival and never readable again. May be omitted when the tenant already has the key of this certificate’s public key.',
  )
  .meta({ writeOnly: true });

type Wrong = { message: string; params: { code: string } } | undefined;

const wrong = (code: string, message: string): Wrong => ({ message, params: { code } });

function wrongChain(blocks: readonly PemBlock[]): Wrong {
  if (blocks.length === 0) return wrong('invalid-format', 'contains no PEM block; must be PEM certificates');
  const other = blocks.find(({ label }) => !isCertificate(label));
  if (other && /PRIVATE KEY$/.test(other.label))
    return wrong('invalid-format', 'contains a private key, which belongs into privateKey');
  if (other) return wrong('invalid-format', `contains ${describeLabel(other.label)}; must be certificates`);
  if (blocks.length > MOST_CERTIFICATES)
    return wrong('too-big', `must be at most ${MOST_CERTIFICATES} certificates, not ${blocks.length}`);
  const broken = blocks.findIndex(({ der }) => der.length === 0);
  if (broken !== -1) return wrong('unreadable', `certificate ${broken + 1} of the chain is not base64`);
  const large = blocks.findIndex(({ der }) => der.length > LARGEST_CERTIFICATE);
  return large === -1
    ? undefined
    : wrong('too-big', `certificate ${large + 1} of the chain must have at most ${LARGEST_CERTIFICATE} bytes`);
}

function wrongKey(blocks: readonly PemBlock[]): Wrong {
  const keys = blocks.filter(({ label }) => isPrivateKey(label));
  if (blocks.length === 0) return wrong('invalid-format', 'contains no PEM block; must be one PEM private key');
  if (keys.length === 0) return wrong('invalid-format', `is ${describeLabel(blocks[0]!.label)}; must be a private key`);
  if (keys.length > 1) return wrong('invalid-format', `contains ${keys.length} private keys; must be one`);
  if (keys[0]!.encrypted)
    return wrong('encrypted-key', 'is encrypted; decrypt it first, with `openssl pkey -in key.pem -out plain.pem`');
  if (keys[0]!.label.includes('OPENSSH'))
    return wrong('invalid-format', 'is an SSH key; must be PKCS#8, PKCS#1 or SEC 1');
  return keys[0]!.der.length === 0 ? wrong('unreadable', 'is not base64') : undefined;
}

const isCertificate = (label: string): boolean => /^(X509 |TRUSTED )?CERTIFICATE$/.test(label);
/** Whether a PEM block with this label holds a private key, of any format. */
export const isPrivateKey = (label: string): boolean => /(?:^| )PRIVATE KEY$/.test(label);

/** Rewrites a PEM certificate chain in the stored format. Returns text without PEM blocks unchanged. */
export function canonicalChain(text: string): string {
  const blocks = pemBlocks(text);
  return blocks.length === 0 ? text : blocks.map(({ label, der }) => encodePem(label, der)).join('');
}

/**
 * Writes a certificate chain as PEM, in the stored format.
 *
 * @param certificates DER, the leaf first
 */
export const encodeChain = (certificates: readonly Uint8Array[]): string =>
  certificates.map((der) => encodePem('CERTIFICATE', der)).join('');

/** How the authority checks that requests for a name reach this platform. */
export const AcmeChallenge = z.enum(['HTTP-01', 'TLS-ALPN-01', 'DNS-01']);
export type AcmeChallenge = z.infer<typeof AcmeChallenge>;

const Acme = z
  .strictObject({
    challenge: AcmeChallenge.optional().describe(
      '`HTTP-01`: the authority requests a path of the name on port 80, which every Envoy of the fleet answers before redirects and policies. `TLS-ALPN-01`: it opens a TLS connection to port 443, which every Envoy answers with a certificate that only this handshake gets. `DNS-01`: a TXT record below `_acme-challenge`, which the webhook of the operator adds; only this one proves wildcards. Default: `HTTP-01` if the fleets have an HTTP port 80, otherwise `TLS-ALPN-01`; after a failed attempt, the other one of the two.',
    ),
  })
  .meta({
    id: 'Acme',
    description:
      'Certificates that Gatehouse obtains and renews: one for each host of the servers that name this certificate. A host that gets none does not delay the others. `GET …/certificates/{name}/status` says how far each one is.',
  });

const fields = { labels: Labels.optional(), certificateChain: chain.optional(), acme: Acme.optional() };

interface CheckedCertificate {
  certificateChain?: unknown;
  acme?: unknown;
  privateKey?: unknown;
}

function checkSource(certificate: CheckedCertificate, context: z.RefinementCtx): void {
  const issue = (field: string, code: string, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message, params: { code } });
  if (certificate.acme === undefined) {
    if (certificate.certificateChain === undefined)
      issue('certificateChain', 'required', 'is required, unless acme says how to obtain certificates');
    return;
  }
  for (const field of ['certificateChain', 'privateKey'] as const)
    if (certificate[field] !== undefined)
      issue(field, 'conflicting-fields', 'excludes acme, with which Gatehouse makes the key and obtains the chain');
}

/** The stored certificate, as the API returns it: without the private key. */
const Certificate = z.strictObject(fields).superRefine(checkSource, evenIfInvalid(isObject)).meta({
  id: 'Certificate',
  description: 'A certificate chain, or how to obtain certificates. Servers name it by `credentialName`.',
});

/** The certificate as clients write it. */
const CertificateInput = z
  .strictObject({ ...fields, privateKey: privateKey.optional() })
  .superRefine(checkSource, evenIfInvalid(isObject))
  .meta({
    id: 'CertificateInput',
    description: 'A certificate chain and its private key, or `acme`.',
    example: EXAMPLE_CERTIFICATE,
  });

/**
 * The longest RSA key of a certificate, in bits. A handshake with 8,192 bits occupies a thread of Envoy for 28 ms, so
 * any client could delay the requests of all tenants.
 */
export const LONGEST_RSA_KEY = 4096;

/** The information that the API reads out of a certificate and stores with it. */
export const CertificateInfo = z
  .strictObject({
    fingerprintSha256: z.string().describe('SHA-256 of the certificate, hex.'),
    publicKeySha256: z.string().describe('SHA-256 of its public key (SPKI), hex.'),
    dnsNames: z.array(z.string()).max(1000),
    notBefore: z.string().describe('RFC 3339.'),
    notAfter: z.string().describe('RFC 3339.'),
    keyType: z.string().describe('Such as `RSA 2048` or `ECDSA P-256`.'),
  })
  .meta({ id: 'CertificateInfo' });
export type CertificateInfo = z.infer<typeof CertificateInfo>;

export const certificate = define({
  id: 'certificate',
  plural: 'certificates',
  title: 'Certificate',
  summary: 'Chains and keys that servers show. Keys are write-only.',
  schema: Certificate,
  input: CertificateInput,
  refersTo: {},
  delivery: 'referenced',
  info: CertificateInfo,
  secrets: { privateKey: ({ publicKeySha256 }) => publicKeySha256 },
});
