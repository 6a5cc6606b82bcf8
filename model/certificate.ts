import { z } from 'zod';
import { Labels } from './labels.ts';

const chain = z
  .string()
  .max(65_536)
  .regex(
    /^\s*(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*){1,10}$/,
    'must be one to ten PEM certificates, the server’s own first',
  )
  .describe('PEM, the server’s certificate first, then the intermediates.');

const privateKey = z
  .string()
  .max(16_384)
  .regex(
    /^\s*-----BEGIN (?:(?:RSA|EC) )?PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END (?:(?:RSA|EC) )?PRIVATE KEY-----\s*$/,
    'must be one unencrypted PEM private key',
  )
  .describe(
    'PEM. Sealed on arrival and never readable again. May be omitted when the tenant already has the key of this certificate’s public key.',
  )
  .meta({ writeOnly: true });

/** What is stored and read back: never the key. */
export const Certificate = z
  .strictObject({ labels: Labels.optional(), certificateChain: chain })
  .meta({ id: 'Certificate', description: 'A certificate chain that servers name by `credentialName`.' });
export type Certificate = z.infer<typeof Certificate>;

/** What is written. */
export const CertificateInput = z
  .strictObject({ labels: Labels.optional(), certificateChain: chain, privateKey: privateKey.optional() })
  .meta({ id: 'CertificateInput', description: 'A certificate chain and its private key.' });
export type CertificateInput = z.infer<typeof CertificateInput>;

/** What the API reads out of a certificate and keeps beside it. */
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
