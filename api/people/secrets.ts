/** Creates a secret of 256 random bits. Its prefix lets secret scanners and people recognize its kind. */
export function newSecret(kind: 'session' | 'browser' | 'code' | 'device'): string {
  const bits = crypto.getRandomValues(new Uint8Array(32));
  const text = btoa(String.fromCharCode(...bits));
  return `gh_${kind}_${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}
