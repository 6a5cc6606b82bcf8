// PLACEHOLDER by the lead; the model part replaces this file: registry of kinds, SpecOf, CertificateInfo.
export type Kind = 'gateway' | 'route' | 'upstream' | 'certificate';
export interface CertificateInfo {
  fingerprintSha256: string;
  publicKeySha256: string;
  dnsNames: string[];
  notBefore: string;
  notAfter: string;
  keyType: string;
}
// biome-ignore lint/suspicious/noExplicitAny: replaced soon
export type SpecOf<K extends Kind> = K extends Kind ? any : never;
