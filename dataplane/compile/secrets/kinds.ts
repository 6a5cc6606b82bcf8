import type { Kind, SpecOf } from '../../../model/kinds/index.ts';
import type { Secret } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import { resourceSecretName } from '../values/names.ts';
import { certificateAuthorities } from './certificate-authorities.ts';
import { namedCertificate } from './server-certificate.ts';

/** How secrets of one kind are built, for example CA certificates. A cluster, a filter chain or a policy names them. */
export interface SecretKind<K extends Kind = Kind> {
  /** The kind of resource from which a secret is built. The secret has the resource's name. */
  from: K;
  /**
   * Builds the content of the secret.
   *
   * @param privateKey decrypts the private key of the resource; it throws when the agent does not have the key
   */
  content(spec: SpecOf<K>, privateKey: () => string): NonNullable<Secret['type']>;
}

/** A kind of secret in the list: its `from` says what `content` gets. */
// biome-ignore lint/suspicious/noExplicitAny: each entry takes the spec of its own kind of resource
type AnySecretKind = Omit<SecretKind, 'content'> & { content(spec: any, privateKey: () => string): Secret['type'] };

/** The kinds of secrets by the first part of their names, as `resourceSecretName` writes it. */
export const secretKinds: ReadonlyMap<string, AnySecretKind> = new Map<string, AnySecretKind>([
  ['ca', certificateAuthorities],
  ['client', namedCertificate],
  ['certificate', namedCertificate],
]);

/** The name of the secret with the CAs of a trust bundle. */
export const authoritiesSecret = (tenant: string, bundle: string): string => resourceSecretName('ca', tenant, bundle);

/** The name of the secret with a certificate that is shown to endpoints. */
export const clientSecret = (tenant: string, certificate: string): string =>
  resourceSecretName('client', tenant, certificate);

/** The name of the secret with a certificate and its private key. */
export const certificateSecret = (tenant: string, certificate: string): string =>
  resourceSecretName('certificate', tenant, certificate);
