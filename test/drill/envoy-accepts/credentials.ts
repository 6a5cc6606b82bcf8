import { Configuration } from '../../../model/configuration.ts';
import { issue } from '../../api/certificates/authority.ts';

const [rsa, ecdsa] = [await issue(['*.test'], 'RSA 2048'), await issue(['*.test'])];
const UNREAD = { fingerprintSha256: '', publicKeySha256: '', notBefore: '', notAfter: '', dnsNames: ['*.test'] };

/** A configuration with only the certificates and trust bundles to which random resources refer. */
export const credentials = Configuration.fromDocument({
  trustBundles: { ca: { certificates: ecdsa.certificateChain }, revoking: { certificates: rsa.certificateChain } },
})
  .with('certificate', 'rsa', { certificateChain: rsa.certificateChain }, { ...UNREAD, keyType: 'RSA 2048' })
  .with('certificate', 'ecdsa', { certificateChain: ecdsa.certificateChain }, { ...UNREAD, keyType: 'ECDSA P-256' });
