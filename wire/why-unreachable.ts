/** The codes of OpenSSL for bytes that are not TLS. https://docs.openssl.org/3.5/man3/ERR_get_error/ */
const NOT_TLS = /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|TLSV1_ALERT_PROTOCOL_VERSION)$/;

/**
 * Finds why a request to an API got no response.
 *
 * @param error the error of Node's HTTP client
 * @returns the reason as a part of a sentence. This is the error's message, or for a code of OpenSSL a text that
 *   explains the code
 */
export function whyUnreachable(error: Error & { code?: string }): string {
  if (error.message === 'bad port') return 'browsers and Node refuse this port';
  return NOT_TLS.test(error.code ?? '') ? 'it does not speak TLS: the URL should begin with http://' : error.message;
}
