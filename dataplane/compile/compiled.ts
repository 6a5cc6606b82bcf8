/**
 * Names of other resources that must be in Envoy before a resource works. The lists of a whole resource are sorted and
 * have no duplicates. The lists of a part of a resource may be unsorted.
 *
 * The agent sends the clusters before the resource. Envoy itself asks for the secrets, once it has the resource that
 * names them. A cluster counts as sent only when its secrets are sent too.
 */
export interface Needs {
  /** The names of clusters to which requests may be sent, as `clusterName` writes them. */
  clusters: readonly string[];
  /** The names of secrets that policies and TLS settings read, as `resourceSecretName` writes them. */
  secrets: readonly string[];
}

/** For a resource that needs no other one. */
export const needsNothing = { clusters: [], secrets: [] } as const satisfies Needs;

/** A message for Envoy, with the resources that Envoy must have before it. */
export interface Compiled<Message> {
  message: Message;
  needs: Needs;
}

/** Merges the needs of several parts of one resource. The lists of the result are sorted and have no duplicates. */
export const merged = (parts: readonly Needs[]): Needs => ({
  clusters: distinct(parts.flatMap(({ clusters }) => clusters)),
  secrets: distinct(parts.flatMap(({ secrets }) => secrets)),
});

/** Sorts names and removes duplicates. */
export const distinct = (names: Iterable<string>): string[] => [...new Set(names)].sort();
